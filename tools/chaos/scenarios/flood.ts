import { randomUUID } from 'node:crypto';
import { reasons } from '../../../src/core/reasons.ts';
import { mintFor } from '../callers.ts';
import { askDirectly, checkOf } from '../direct.ts';
import type { Scenario } from '../scenario.ts';

/** More than were ever required. */

const flood = 10_000;
/** `status.code` of a 401. */
const unauthenticated = 16;

const unknownKids: Scenario = {
  name: `${flood} tokens, each with another unknown kid`,
  alone: true,
  async fault({ world, note }) {
    const { issuer, peerproof } = world;
    const mint = mintFor(world);
    const [before, began] = [issuer.count(issuer.paths.jwks), performance.now()];
    const { codes, longest } = await askDirectly(peerproof.grpcPort, flood, (index) =>
      checkOf(mint({ sub: `flood-${index}` }, { kid: randomUUID() }), '/orders'),
    );
    const seconds = (performance.now() - began) / 1000;
    const fetches = issuer.count(issuer.paths.jwks) - before;
    note(
      `${codes.get(unauthenticated) ?? 0} of ${flood} were refused in ${seconds.toFixed(1)} s, within ${Math.round(longest)} ms each; the issuer was asked ${fetches} times`,
    );
    if (codes.get(unauthenticated) !== flood)
      throw new Error(`answers by code: ${JSON.stringify([...codes])}`);
    // At most one in each cool-down of half a second.
    if (fetches > seconds * 2 + 2) throw new Error(`${fetches} fetches in ${seconds} s`);
    return () => undefined;
  },
  lasts: 2_000,
  recovers: 0,
};

const mostWaiting = 40;

const overload: Scenario = {
  name: `more checks wait than limits.waitingChecks (${mostWaiting})`,
  alone: true,
  world: {
    config: (_parts, usual) => ({ ...usual, limits: { ...usual.limits, waitingChecks: mostWaiting } }),
  },
  fault({ world: { introspector }, load }) {
    introspector.behave({ kind: 'late', ms: 400 });
    // Each check has another token, so each causes a question.
    const timer = setInterval(() => {
      for (const listener of ['closed', 'open'] as const) void load.send('inactive', listener);
    }, 10);
    return () => {
      clearInterval(timer);
      introspector.behave({ kind: 'ok' });
    };
  },
  // Other callers get the usual answers, even those with known tokens of that issuer.
  during: { inactive: [401, 503] },
  async observe({ world: { peerproof }, load, note }) {
    const refused = load.samples.filter(({ status }) => status === 503);
    const counted = await peerproof.metric(
      'peerproof_decisions_total{effect="unavailable",reason="overloaded"',
    );
    const sorted = refused.map(({ ms }) => ms).sort((a, b) => a - b);
    note(
      `${refused.length} were refused as overloaded, half of them within ${Math.round(sorted[sorted.length >> 1] ?? 0)} ms`,
    );
    return [
      refused.length < 50 && `only ${refused.length} were refused`,
      counted < refused.length && `only ${counted} are counted as overloaded`,
      refused.some(({ detail = '' }) => !detail.includes(reasons.overloaded.text)) &&
        'some were refused for another reason',
    ];
  },
  recovers: 3_000,
};

export const floodScenarios: readonly Scenario[] = [unknownKids, overload];
