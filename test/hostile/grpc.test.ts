import test, { type ExecutionContext } from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import { checkCodec } from '../support/check-wire.ts';
import type { Case, Input, WorldName } from './case.ts';
import { checkRequestOf, viewsOf } from './check.ts';
import { casesOf } from './corpus.ts';
import { isDiscreet, isOneLine, judge, judgeLine, secretsOf } from './judge.ts';
import { type BytesClient, endAll, onlyLine, openBytesClient, startAll } from './running.ts';
import { openStage } from './stage.ts';

/** Every attack as the bytes of a CheckRequest, over a connection to a Peerproof that runs, and what it then logs. */

const { fixture, configs, lured, stop } = await openStage();
const running = await startAll(configs, () => fixture.now);
const clients = {} as Record<WorldName, BytesClient>;
for (const [name, { grpcPort }] of Object.entries(running))
  clients[name as WorldName] = openBytesClient(grpcPort);
test.after.always(async () => {
  for (const client of Object.values(clients)) client.close();
  await endAll(running);
  await stop();
});

/** The proofs that a rule names. */
function bindingOf(world: WorldName, name: string | undefined): readonly string[] {
  return configs[world].rules.find((rule) => rule.name === name)?.require?.binding ?? [];
}

function schemeOf({ headers = [] }: Input): 'dpop' | undefined {
  return headers.some(([name, value]) => name === 'authorization' && /^dpop /i.test(value))
    ? 'dpop'
    : undefined;
}

async function isDecided(
  t: ExecutionContext,
  one: Case,
  input: Input,
  bytes: Buffer,
  reason: Case['reason'],
  title: string,
) {
  const world = one.world ?? 'main';
  const response = await clients[world].send(bytes);
  const { text, line } = onlyLine(running[world], title);
  const { effect, detail, rule } = line;
  // As far as an answer is judged by it, the line says what the decision was.
  const decision = {
    id: line.decision_id,
    effect,
    reason: line.reason,
    detail,
    found: { rule: { name: rule, binding: bindingOf(world, rule) }, scheme: schemeOf(input) },
  };
  judge(t, { decision: decision as unknown as Decision, response }, { ...one, reason }, title, input.headers);
  if (reason === one.reason) judgeLine(t, line, one.seen, title);
  const secrets = secretsOf(input);
  if (effect !== 'allow') isDiscreet(t, JSON.stringify(response), secrets, title);
  isDiscreet(t, text, secrets, `${title}: the log`);
  isOneLine(t, text, title);
  t.is(line.door, 'grpc', title);
}

for (const { title, source, one } of casesOf())
  test.serial(`${title} → ${one.reason} (${source})`, async (t) => {
    const input = one.send(fixture);
    for (const view of input.bytes ? (['certificate'] as const) : viewsOf(one)) {
      const bytes = input.bytes ?? checkCodec.requestSerialize(checkRequestOf(input, view, fixture));
      await isDecided(t, one, input, bytes, view === 'hash' ? (one.hash ?? one.reason) : one.reason, view);
    }
  });

test.serial('tokens – no request went to a server that a token names', (t) => {
  t.is(lured(), 0);
});
