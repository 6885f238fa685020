import test from 'ava';
import { parse } from 'yaml';
import { createDraft } from '../../src/config/draft.ts';
import { parseWithoutFiles } from '../../src/config/load.ts';
import type { RefusalReason } from '../../src/core/reasons.ts';
import { parseDecisionLine } from '../../src/decision-lines/decision-line.ts';
import { explainRecorded } from '../../src/explain/explanation.ts';
import { readRecorded } from '../../src/explain/likewise.ts';
import { reportText } from '../../src/explain/report.ts';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { createTrial } from '../../src/trial/trial.ts';
import { NOW } from '../support/check-world.ts';
import { othersRequests } from './others.ts';
import { reasonCases } from './reason-cases.ts';
import { text, world } from './reason-world.ts';

/** Each reason: a check that ends with it, its line as the service writes it, and the explanation of the line. */

async function lineOf(reason: RefusalReason): Promise<string> {
  const { evidence } = reasonCases[reason];
  const lines: string[] = [];
  const log = createDecisionLog({ write: (line) => void lines.push(line) });
  const decision = await world.decide(evidence, 'grpc', Number.POSITIVE_INFINITY);
  log(decision, evidence, 'grpc', 123, NOW);
  return lines.join('');
}

async function explain(line: string, config = text) {
  const parsed = parseDecisionLine(line);
  const recorded = parsed && (await readRecorded(parsed, createDraft(config, 'peerproof.yaml'), NOW));
  if (!recorded) throw new TypeError(line);
  return explainRecorded(recorded, false);
}

/** The effects of the other requests with a configuration, one after the other. */
async function effects(config: string): Promise<readonly string[]> {
  const trial = createTrial(parseWithoutFiles(config, 'peerproof.yaml'), NOW);
  const found: string[] = [];
  for (const [title, request] of Object.entries(othersRequests)) {
    const { effect } = await trial.decide(request);
    found.push(`${title}: ${effect}`);
  }
  return found;
}

const before = await effects(text);

test('reasons – the other requests are at least twenty, allowed and denied', (t) => {
  t.true(before.length >= 20);
  t.true(before.filter((one) => one.endsWith('allow')).length >= 8, before.join('\n'));
  t.true(before.filter((one) => one.endsWith('deny')).length >= 8, before.join('\n'));
});

for (const [name, { words, change }] of Object.entries(reasonCases)) {
  const reason = name as RefusalReason;
  test(`reasons – ${reason}: one line of the log names the cause${change ? ' and the change' : ''}`, async (t) => {
    const line = await lineOf(reason);
    t.is(JSON.parse(line).reason, reason, line);
    const explanation = await explain(line);
    const report = reportText(explanation, false);
    t.true(report.includes(reason));
    t.regex(report, words);
    t.is(explanation.told.effect, JSON.parse(line).effect);
    const [proposal] = explanation.remedy?.proposals.found ?? [];
    if (!change) {
      t.is(proposal?.diff, undefined, report);
      return;
    }
    const added = proposal?.diff.replace(/^[^+].*\n/gm, '') ?? '';
    t.regex(added, change, report);
    t.deepEqual(await effects(proposal?.text ?? ''), before, added);
  });
}

test('reasons – the answer has the challenge that the client got', async (t) => {
  const challengeOf = async (reason: RefusalReason) => {
    const { answer } = await explain(await lineOf(reason));
    return answer.headers.find(([name]) => name === 'www-authenticate')?.[1] ?? '';
  };
  t.regex(
    await challengeOf('scope_missing'),
    /^Bearer .*error="insufficient_scope".*scope="orders\.read orders\.write"$/,
  );
  t.regex(await challengeOf('proof_expired'), /^DPoP .*error="invalid_dpop_proof"/);
  t.regex(await challengeOf('token_scheme_downgraded'), /^DPoP .*error="invalid_token"/);
});

test('reasons – actor_not_allowed: nothing is proposed for a client that is not registered', async (t) => {
  const line = JSON.parse(await lineOf('actor_not_allowed'));
  const { remedy } = await explain(JSON.stringify({ ...line, client_id: 'shop', actor: 'kiosk' }));
  t.deepEqual(remedy?.proposals.found, []);
});

test('reasons – no_rule: the second change covers this request alone, with what the nearest rule requires', async (t) => {
  const { remedy } = await explain(await lineOf('no_rule'));
  const [, second] = remedy?.proposals.found ?? [];
  t.deepEqual(parse(second?.text ?? '').rules.at(-1), {
    name: 'new-rule',
    match: { hosts: ['orders.eu.example.com'], methods: ['GET'], paths: ['/orders/7'] },
    require: { issuers: ['login'], scopes: ['orders.read'] },
  });
  t.regex(second?.changes[0]?.also ?? '', /meets the requirements of the rule read/);
  t.deepEqual(await effects(second?.text ?? ''), before);
});
