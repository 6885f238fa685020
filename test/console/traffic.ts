import { seededRandom } from '../support/seeded-random.ts';
import type { Call, Stage } from './stage.ts';

interface Kind {
  readonly reason: string;
  call(mint: Stage['mint']): Call;
}

/** What callers do, and the reason of the decision that each must get. */
const kinds = {
  reading: { reason: 'allowed', call: (mint) => ({ token: mint('corp') }) },
  partner: {
    reason: 'allowed',
    call: (mint) => ({ path: '/orders/7', token: mint('partner', { sub: 'erin' }) }),
  },
  writing: {
    reason: 'allowed',
    call: (mint) => ({ method: 'POST', path: '/orders', token: mint('corp', { scope: 'orders.write' }) }),
  },
  reporting: {
    reason: 'allowed',
    call: (mint) => ({ path: '/reports/2026', token: mint('staff', { sub: 'dora' }) }),
  },
  probe: { reason: 'public', call: () => ({ path: '/healthz' }) },
  unscoped: {
    reason: 'scope_missing',
    call: (mint) => ({ method: 'POST', path: '/orders', token: mint('corp', { sub: 'bob' }) }),
  },
  late: {
    reason: 'token_expired',
    call: (mint) => ({ path: '/orders/9', token: mint('corp', { exp: 1_000_000_000 }) }),
  },
  stolen: { reason: 'binding_workload_mismatch', call: (mint) => ({ token: mint('corp'), from: 'till' }) },
  nameless: { reason: 'token_missing', call: () => ({ path: '/orders/3' }) },
  lost: { reason: 'no_rule', call: (mint) => ({ path: '/admin', token: mint('corp') }) },
} satisfies Record<string, Kind>;

export type TrafficKind = keyof typeof kinds;

/** How often each of them asks. */
export type Traffic = Partial<Record<TrafficKind, number>>;

/** Traffic in which little is refused. */
export const usualTraffic: Traffic = {
  ...{ reading: 30, partner: 8, writing: 6, reporting: 4, probe: 6 },
  ...{ late: 2, nameless: 1, lost: 1 },
};

/** Sends it one after the other, always in the same order. @throws if a decision has another reason */
export async function send({ ask, mint }: Pick<Stage, 'ask' | 'mint'>, traffic: Traffic): Promise<void> {
  const random = seededRandom(14);
  const calls = Object.entries(traffic).flatMap(([name, times]) =>
    Array.from({ length: times }, () => ({ kind: kinds[name as TrafficKind] as Kind, at: random.next() })),
  );
  for (const { kind } of calls.sort((a, b) => a.at - b.at)) {
    const reason = await ask(kind.call(mint));
    if (reason !== kind.reason) throw new Error(`${reason} instead of ${kind.reason}`);
  }
}
