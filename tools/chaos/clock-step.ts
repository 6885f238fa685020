/**
 * Preloaded into Peerproof: its wall clock is off by as many milliseconds as the file in CHAOS_CLOCK says, as after a
 * step of NTP. Timers and the monotonic clock are not changed, as with a real step.
 */
import { readFileSync } from 'node:fs';

const Real = globalThis.Date;
let offset = 0;

class Stepped extends Real {
  constructor(...parts: [] | ConstructorParameters<DateConstructor>) {
    if (parts.length === 0) super(Stepped.now());
    else super(...(parts as ConstructorParameters<DateConstructor>));
  }

  static override now(): number {
    return Real.now() + offset;
  }
}
globalThis.Date = Stepped as DateConstructor;

setInterval(() => {
  offset = Number(readFileSync(process.env.CHAOS_CLOCK ?? '', 'utf8'));
}, 20).unref();
