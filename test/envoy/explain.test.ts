import test, { type ExecutionContext } from 'ava';
import { createDraft } from '../../src/config/draft.ts';
import { type RefusalReason, reasons } from '../../src/core/reasons.ts';
import { parseDecisionLine } from '../../src/decision-lines/decision-line.ts';
import { explainRecorded } from '../../src/explain/explanation.ts';
import { readRecorded } from '../../src/explain/likewise.ts';
import { reportText } from '../../src/explain/report.ts';
import { isRefusal } from '../../src/explain/step.ts';
import type { Answer } from '../support/client.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type EnvoyCase, usual } from './explain-case.ts';
import { doorCases } from './explain-door-cases.ts';
import { startDoorMesh } from './explain-door-world.ts';
import { doorOthers, type Others, others } from './explain-others.ts';
import { outageCases } from './explain-outage-cases.ts';
import { peerCases } from './explain-peer-cases.ts';
import { nonceCases, proofCases } from './explain-proof-cases.ts';
import { type StandIns, startStandIns } from './explain-stand-ins.ts';
import { tokenCases } from './explain-token-cases.ts';
import { type ExplainMesh, startExplainMesh } from './explain-world.ts';

/**
 * Refusals that a real Envoy brings about. The line in the log is all that explain gets. A proposed change is
 * applied to the running service, and the same Envoy asks again.
 */

const elsewhereSent = 'these configurations mint no Transaction Tokens; test/envoy/transactions.test.ts does';

/** What no request through Envoy leads to, and why. */
const elsewhere = {
  check_malformed: 'Envoy sends a CheckRequest that decodes, and does not compress it',
  check_incomplete: 'Envoy sends a check as a whole; only a connection that breaks in the middle leads to it',
  proof_replayed: 'it needs a proof that holds only once, and the same request twice',
  token_revoked:
    'it needs a revocation, and test/hostile/groups/26-revoked.ts sends such tokens through Envoy',
  store_unavailable: 'it needs a memory that is full, or a store that does not answer',
  txn_token_malformed: elsewhereSent,
  txn_token_untrusted: elsewhereSent,
  txn_token_trust_domain_mismatch: elsewhereSent,
  txn_token_expired: elsewhereSent,
  internal_error: 'it is a bug: a request that leads to it would be mended',
} satisfies Partial<Record<RefusalReason, string>>;

const tables = [
  { cases: { ...peerCases, ...tokenCases, ...proofCases, ...outageCases }, others, start: startExplainMesh },
  { cases: { ...doorCases, ...nonceCases }, others: doorOthers, start: startDoorMesh },
] as const;

let standIns: StandIns;
const running: ExplainMesh[] = [];
/** What became of the requests of others with the configuration as it is. */
const before: (readonly string[])[] = [];

test.before(async () => {
  if (!hasEnvoy) return;
  standIns = await startStandIns();
  await Promise.all(
    tables.map(async ({ start, others: list }, index) => {
      const mesh = await start(standIns);
      running[index] = mesh;
      before[index] = await effects(mesh, list);
    }),
  );
});

test.after.always(async () => {
  for (const mesh of running) await mesh.stop();
  await standIns?.stop();
});

/** Which of them pass, asked through Envoy. */
function effects(mesh: ExplainMesh, list: Others): Promise<readonly string[]> {
  return Promise.all(
    Object.entries(list).map(async ([title, parts]) => {
      const { listener = usual, ...send } = parts(mesh);
      const { status } = await mesh.send(listener, send);
      return `${title}: ${status === 200 ? 'passed' : 'refused'}`;
    }),
  );
}

async function explain(mesh: ExplainMesh, answer: Answer) {
  const logged = mesh.peerproof.decision(answer.header('x-decision-id') ?? '');
  const line = parseDecisionLine(JSON.stringify(logged));
  const draft = createDraft(mesh.text, 'peerproof.yaml');
  const recorded = line && (await readRecorded(line, draft, Date.now()));
  if (!recorded) throw new TypeError(JSON.stringify(logged));
  return { logged, explanation: await explainRecorded(recorded, false) };
}

/** Applies a configuration, lets the same client ask again, and asks for the others. */
async function holds(t: ExecutionContext, index: number, text: string, { ask }: EnvoyCase) {
  const mesh = running[index] as ExplainMesh;
  await mesh.peerproof.reload(text);
  const answer = await ask(mesh);
  t.is(answer.status, 200, `with the change: ${answer.body}`);
  t.deepEqual(await effects(mesh, tables[index]?.others ?? {}), before[index]);
  await mesh.peerproof.reload(mesh.text);
}

for (const [index, { cases }] of tables.entries())
  for (const [reason, one] of Object.entries<EnvoyCase>(cases))
    envoyTest(`explain – ${reason}: the line of a request through Envoy`, async (t) => {
      const { ask, words, change } = one;
      const mesh = running[index] as ExplainMesh;
      const answer = await ask(mesh);
      const { logged, explanation } = await explain(mesh, answer);
      t.is(logged.reason, reason, logged.detail);
      const report = reportText(explanation, false);
      t.regex(report, words);
      // The same answer as the client got.
      t.is(explanation.answer.status, answer.status);
      t.is(explanation.answer.body, answer.body);
      const [proposal] = explanation.remedy?.proposals.found ?? [];
      const added = proposal?.diff.replace(/^[^+].*\n/gm, '') ?? '';
      if (!change) return t.is(added, '', report);
      t.regex(added, change, report);
      await holds(t, index, proposal?.text ?? '', one);
    });

test('explain – the requests of others are at least twenty, allowed and denied', (t) => {
  t.true(Object.keys(others).length >= 20);
  if (!hasEnvoy) return;
  const passed = before[0]?.filter((one) => one.endsWith(': passed')) ?? [];
  t.true(passed.length >= 10, before[0]?.join('\n'));
  t.true(Object.keys(others).length - passed.length >= 10, before[0]?.join('\n'));
});

test('explain – each reason comes through Envoy, or a sentence says why it cannot', (t) => {
  const told = [...tables.flatMap(({ cases }) => Object.keys(cases)), ...Object.keys(elsewhere)];
  t.deepEqual(
    told.toSorted(),
    Object.keys(reasons)
      .filter((name) => isRefusal(name as never))
      .toSorted(),
  );
  for (const why of Object.values(elsewhere)) t.regex(why, /^\S+ .{20,}/);
});
