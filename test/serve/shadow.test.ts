import test from 'ava';
import { pino } from 'pino';
import { Denial } from '../../src/core/denial.ts';
import { createShadow, type Shadow } from '../../src/serve/shadow.ts';
import { createCheckWorld, evidenceFor, NOW } from '../support/check-world.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../support/token-fixture.ts';

const signer = createSigner('ES256');
const issuers = { corp: inlineIssuer([signer]) };
const main = await createCheckWorld({ issuers, rules: [{ name: 'any', require: { binding: ['none'] } }] });
const { policy } = await createCheckWorld({
  issuers,
  rules: [
    { name: 'open', match: { paths: ['/healthz'] }, public: true },
    { name: 'scoped', require: { scopes: ['orders.read'], binding: ['none'] } },
  ],
});

interface Given {
  share?: number;
  random?: () => number;
  current?: () => Shadow | undefined;
}

/** A shadow that judges every check, and what it says. */
function startShadow({ share = 1, random = () => 0.5, current = () => ({ policy, share }) }: Given = {}) {
  const counted: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line)) });
  const compare = createShadow({
    ...{ current, random, log, clock: () => NOW },
    count: (result) => void counted.push(result),
  });
  const ask = async (token: string | undefined, path = '/orders') => {
    const evidence = evidenceFor({ path, ...(token !== undefined && { token }) });
    compare(await main.decide(evidence, 'grpc', Number.POSITIVE_INFINITY), evidence, 'grpc');
  };
  return { counted, lines, compare, ask };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number) => {
  for (let at = 0; at < count; at++) await turn();
};

test('shadow – a decision that differs is logged with both reasons and rules', async (t) => {
  const { counted, lines, ask } = startShadow();
  await ask(signer.sign(goodClaims()));
  await turns(4);
  t.deepEqual(counted, ['different']);
  t.like(lines[0], {
    event: 'shadow_difference',
    effect: 'allow',
    reason: 'allowed',
    rule: 'any',
    shadow_effect: 'deny',
    shadow_reason: 'scope_missing',
    shadow_rule: 'scoped',
    shadow_detail: 'missing: orders.read; the token does not have any',
  });
  t.regex(String(lines[0]?.decision_id), /^decision-\d+$/);
});

test('shadow – the same decision by another rule is only counted', async (t) => {
  const { counted, lines, ask } = startShadow();
  await ask(signer.sign(goodClaims({ scope: 'orders.read' })));
  await ask(undefined);
  await turns(6);
  t.deepEqual(counted, ['same', 'same']);
  t.deepEqual(lines, []);
});

test('shadow – judges in a later turn, when the answers of this turn were sent', async (t) => {
  const { counted, ask } = startShadow();
  await ask(undefined);
  t.deepEqual(counted, []);
  // The answers of a turn are sent here.
  await turn();
  t.deepEqual(counted, []);
  await turns(2);
  t.deepEqual(counted, ['same']);
});

test('shadow – judges one check in a turn, and skips those that are too many', async (t) => {
  const { counted, ask } = startShadow();
  for (let at = 0; at < 105; at++) await ask(undefined);
  t.deepEqual(new Set(counted), new Set(['skipped']));
  t.is(counted.length, 5);
  await turns(10);
  t.true(counted.length < 5 + 12, `${counted.length} in ten turns`);
  await turns(120);
  t.is(counted.filter((result) => result === 'same').length, 100);
});

test('shadow – large checks wait only as long as there is room for them', async (t) => {
  const { counted, compare } = startShadow();
  const large = evidenceFor({ headers: { a: 'x'.repeat(60_000) }, body: 'x'.repeat(65_000) });
  const checks = [
    { ...large, peer: { certificate: 'x'.repeat(900_000) } },
    { peer: { principal: 'x'.repeat(1_000_000) }, destination: large.destination, context: {} },
  ];
  for (let round = 1; round <= 2; round++) {
    for (let at = 0; at < 20; at++)
      for (const evidence of checks)
        compare(await main.decide(evidence, 'grpc', Number.POSITIVE_INFINITY), evidence, 'grpc');
    t.is(counted.filter((result) => result === 'skipped').length, 36 * round);
    await turns(10);
    t.is(counted.filter((result) => result === 'same').length, 4 * round);
  }
});

test('shadow – judges its share of the checks', async (t) => {
  const drawn = [0, 0.1, 0.3, 0.9];
  const { counted, ask } = startShadow({ share: 0.25, random: () => drawn.shift() ?? 1 });
  for (let at = 0; at < 4; at++) await ask(undefined);
  await turns(10);
  t.is(counted.length, 2);
});

test('shadow – an outage on either side says nothing about the rules', async (t) => {
  const outage = { reason: 'issuer_unavailable', effect: 'unavailable', detail: 'x' } as const;
  const { counted, lines, compare } = startShadow();
  compare({ id: 'd', found: {}, ...outage }, evidenceFor({}), 'grpc');
  const brokenShadow = { share: 1, policy: { ...policy, routes: undefined as never } };
  const broken = startShadow({ current: () => brokenShadow });
  await broken.ask(undefined);
  await turns(4);
  t.deepEqual([counted, broken.counted], [['skipped'], ['skipped']]);
  t.deepEqual([...lines, ...broken.lines], []);
});

test('shadow – a check that could not be read is not judged', async (t) => {
  const { counted, compare } = startShadow();
  const deny = { id: 'd', found: {}, effect: 'deny', reason: 'check_malformed', detail: undefined } as const;
  compare(deny, { ...evidenceFor({}), flaw: new Denial('check_malformed') }, 'grpc');
  await turns(4);
  t.deepEqual(counted, []);
});

test('shadow – checks that wait are dropped if a reload brings another shadow, which may read more headers', async (t) => {
  let shadow: Shadow = { policy, share: 1 };
  const { counted, ask } = startShadow({ current: () => shadow });
  await ask(undefined);
  await ask(undefined);
  shadow = { policy: { ...policy }, share: 1 };
  await turns(6);
  t.deepEqual(counted, []);
  await ask(undefined);
  await turns(6);
  t.is(counted.length, 1);
});

test('shadow – checks that wait are dropped if a reload takes the shadow away', async (t) => {
  let shadow: Shadow | undefined = { policy, share: 1 };
  const { counted, ask } = startShadow({ current: () => shadow });
  await ask(undefined);
  await ask(undefined);
  shadow = undefined;
  await turns(6);
  t.deepEqual(counted, []);
});
