import test from 'ava';
import { createDraft } from '../../src/config/draft.ts';
import { parseDecisionLine } from '../../src/decision-lines/decision-line.ts';
import { explainRecorded } from '../../src/explain/explanation.ts';
import { readRecorded } from '../../src/explain/likewise.ts';
import { reportText } from '../../src/explain/report.ts';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { createCheckWorld, evidenceFor, NOW } from '../support/check-world.ts';

const text = `rules: [{name: all, public: true}]
resourceMetadata: [{resource: "https://mcp.example.com"}]
`;

test('explain – a document that was served is no refusal, and nothing has to be done', async (t) => {
  const resourceMetadata = [{ resource: 'https://mcp.example.com' }];
  const world = await createCheckWorld({ rules: [{ name: 'all', public: true }], resourceMetadata });
  t.teardown(world.stop);
  const evidence = evidenceFor({ host: 'mcp.example.com', path: '/.well-known/oauth-protected-resource' });
  const lines: string[] = [];
  const log = createDecisionLog({ write: (line) => void lines.push(line) });
  log(await world.decide(evidence, 'grpc', Number.POSITIVE_INFINITY), evidence, 'grpc', 12, NOW);
  t.like(JSON.parse(lines.join('')), { level: 30, effect: 'answer', reason: 'metadata_served' });
  const line = parseDecisionLine(lines.join(''));
  const recorded = line && (await readRecorded(line, createDraft(text, 'peerproof.yaml'), NOW));
  const explanation = recorded && (await explainRecorded(recorded, false));
  t.regex(explanation?.sentence ?? '', /^answered: with the document.*did not reach the application$/);
  t.is(explanation?.remedy, undefined);
  t.is(explanation?.answer.status, 200);
  t.regex(explanation ? reportText(explanation, false) : '', /presented: passed\n.*route: not reached/s);
});
