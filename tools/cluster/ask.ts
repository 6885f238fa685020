import { expected, type Outcome } from '../../test/doors/expected.ts';
import { identityOf } from '../../test/doors/judge.ts';
import { requestOf } from '../../test/doors/request.ts';
import type { Mint } from '../../test/doors/tokens.ts';
import type { HeaderLines, Verdict } from '../../test/doors/verdict.ts';
import { type Sender, senders } from './objects.ts';

/** What `send.mts` prints of one request. */
export interface SentAnswer {
  readonly id: string;
  readonly status: number;
  readonly error?: string;
  readonly seen?: HeaderLines;
}

/** What came of a row of the table, and what must. */
export interface Judged {
  readonly name: string;
  readonly got: Outcome;
  readonly wanted: Outcome;
}

/** Sends an order to the pods of a sender, and returns what they print. */
export type Send = (sender: Sender, order: string) => Promise<string>;

/** The rows that a sender of this cluster can send, and those that none can. */
export function sendable(verdicts: readonly Verdict[]): {
  rows: readonly Verdict[];
  others: readonly Verdict[];
} {
  const canSend = ({ from = 'client' }: Verdict) => from in senders;
  return { rows: verdicts.filter(canSend), others: verdicts.filter((row) => !canSend(row)) };
}

/**
 * Sends the rows from the pods of their senders, in the order of the table for each.
 * @param reasonsOf the reasons in the log of Peerproof by the IDs of requests, once it has those that are expected
 */
export async function askAll(
  rows: readonly Verdict[],
  mint: Mint,
  send: Send,
  reasonsOf: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>,
): Promise<readonly Judged[]> {
  // Not the form of a UUID, in which Envoy would write whether it traces the request.
  const run = Date.now().toString(36);
  const numbered = rows.map((verdict, index) => ({ verdict, id: `${run}-${index}` }));
  const answers: SentAnswer[] = [];
  for (const sender of Object.keys(senders) as Sender[]) {
    const own = numbered.filter(({ verdict: { from = 'client' } }) => from === sender);
    const requests = own.map(({ verdict, id }) => ({ id, ...requestOf(verdict, mint) }));
    const order = JSON.stringify({ address: 'orders:8080', requests });
    answers.push(...(JSON.parse(await send(sender, order)) as SentAnswer[]));
  }
  const wanted = numbered.map((row) => ({ ...row, wanted: expected('istio-default', row.verdict) }));
  const logged = wanted.filter((row) => row.wanted.reason !== undefined).map(({ id }) => id);
  const reasons = await reasonsOf(logged);
  return wanted.map(({ verdict, id, wanted }) => {
    const answer = answers.find((one) => one.id === id);
    const got = {
      status: answer?.status ?? 0,
      reason: reasons.get(id),
      sees: answer?.seen && identityOf(answer.seen, verdict),
    };
    return { name: verdict.name, got, wanted };
  });
}
