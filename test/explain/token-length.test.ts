import test from 'ava';
import { createDraft } from '../../src/config/draft.ts';
import { type DecisionLine, parseDecisionLine } from '../../src/decision-lines/decision-line.ts';
import { explainRecorded } from '../../src/explain/explanation.ts';
import { readRecorded } from '../../src/explain/likewise.ts';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { evidenceFor, NOW } from '../support/check-world.ts';
import { goodClaims } from '../support/token-fixture.ts';
import { corp, text, workloads, world } from './reason-world.ts';

/** A made-up token is as long as the one in the line, so that the proposed limit is large enough for that one. */

async function lineOf(token: string): Promise<readonly string[]> {
  const evidence = evidenceFor({ path: '/orders/7', certificate: workloads.shop, token });
  const lines: string[] = [];
  const decision = await world.decide(evidence, 'grpc', Number.POSITIVE_INFINITY);
  createDecisionLog({ write: (line) => void lines.push(line) })(decision, evidence, 'grpc', 123, NOW);
  return lines;
}

for (const more of [0, 1, 2, 3, 400, 5_000])
  test(`token length – a token of ${more} bytes more gets a limit that fits`, async (t) => {
    const claims = goodClaims({ client_id: 'shop', scope: 'orders.read' });
    const bare = corp.sign(claims).length;
    // The limit is 4096, and a claim takes a few bytes beside its text.
    const token = corp.sign({ ...claims, big: 'x'.repeat(Math.ceil((4_096 - bare) * 0.75) + more) });
    const lines = await lineOf(token);
    const line = parseDecisionLine(lines.join(''));
    const recorded = line && (await readRecorded(line, createDraft(text, 'peerproof.yaml'), NOW));
    if (!recorded) return t.fail(lines.join(''));
    t.is(recorded.told.reason, 'token_too_large');
    const [proposal] = (await explainRecorded(recorded, false)).remedy?.proposals.found ?? [];
    const limit = Number(/tokenLength: (\d+)/.exec(proposal?.text ?? '')?.[1]);
    t.true(limit >= token.length && limit <= token.length + 2, `${limit} for ${token.length}`);
  });

test('token length – a line that tells of a billion characters makes no such token', async (t) => {
  const [line] = await lineOf(corp.sign({ ...goodClaims({ client_id: 'shop' }), big: 'x'.repeat(4_000) }));
  const told = { ...JSON.parse(line ?? ''), detail: '1000000000 characters' };
  const recorded = await readRecorded(
    parseDecisionLine(JSON.stringify(told)) as DecisionLine,
    createDraft(text, 'peerproof.yaml'),
    NOW,
  );
  t.is(recorded?.told.reason, 'token_too_large');
});
