import test from 'ava';
import fc from 'fast-check';
import { longestLine, parseDecisionLine } from '../../src/decision-lines/decision-line.ts';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { logLineOf } from '../support/log-lines.ts';
import { corp, shop, world } from '../support/orders-world.ts';
import { goodClaims } from '../support/token-fixture.ts';
import { SHOP } from '../support/workload-fixture.ts';

const least = { effect: 'deny', reason: 'no_rule' } as const;
const parse = (value: unknown) => parseDecisionLine(JSON.stringify(value));

test('decision line – reads every field that the service writes', async (t) => {
  const claims = goodClaims({ cnf: { 'x5t#S256': shop.thumbprint }, client_id: 'shop', scope: 'a b' });
  for (const token of [corp.sign(claims), createSigner('ES256').sign(claims), undefined]) {
    const presented = { path: '/orders/7?a=b', certificate: shop, ...(token && { token }) };
    const { line, entry } = await logLineOf(world, presented);
    t.deepEqual({ ...parseDecisionLine(line) }, entry);
  }
});

test('decision line – reads the same from the names of the Elastic Common Schema, also in a file of Docker', (t) => {
  const read = (['json', 'ecs'] as const).map((format) => {
    const lines: string[] = [];
    const log = createDecisionLog(
      { write: (line) => void lines.push(line) },
      { format, omit: [], version: 'abc', node: 'peerproof-1' },
    );
    const evidence = { peer: {}, destination: { principal: SHOP, port: 1 }, context: {} };
    const denial = { id: 'd', effect: 'deny', reason: 'no_rule', detail: 'why', found: {} } as const;
    log(denial, { ...evidence, sourceAddress: '192.0.2.1' }, 'grpc', 7, 0, 0.5);
    const { time, ...line } = parseDecisionLine(lines[0] ?? '') ?? t.fail() ?? {};
    t.truthy(time);
    t.like(parse({ log: lines[0] }), line);
    return line;
  });
  t.deepEqual(read[1], read[0]);
  t.like(read[1], { level: 40, duration_us: 7, source_address: '192.0.2.1', sampled: 0.5, schema: 1 });
});

test('decision line – names of the Elastic Common Schema with other types are left out', (t) => {
  const ecs = { 'ecs.version': '8.11.0', 'peerproof.effect': 'deny', 'event.reason': 'no_rule' };
  for (const wrong of [
    { 'event.duration': '7' },
    { 'log.level': 'constructor' },
    { 'rule.name': 7 },
    { level: 30 },
  ])
    t.deepEqual(parse({ ...ecs, ...wrong }), least);
});

test('decision line – reads the fields of later versions', (t) => {
  const later = {
    level: 40,
    would_deny: 'scope_missing',
    source_address: '10.0.0.1:5',
    user_agent: 'curl/8',
    config_version: 'abc',
    node: 'peerproof-1',
    jti: 'id-1',
    sampled: 0.1,
    schema: 1,
  };
  t.deepEqual(parse({ ...least, ...later }), { ...least, ...later });
});

test('decision line – ignores what kubectl, containerd and docker put before a line', (t) => {
  const line = JSON.stringify(least);
  for (const prefix of [
    '[pod/peerproof-7d9f/peerproof] ',
    '2026-01-02T03:04:05.678901234Z ',
    '[pod/peerproof-7d9f/peerproof] 2026-01-02T03:04:05.678901234Z ',
    '2026-01-02T03:04:05.678901234Z stdout F ',
    'peerproof-1  | ',
    '\ufeff',
  ])
    t.deepEqual(parseDecisionLine(prefix + line), least, prefix);
  t.deepEqual(parse({ log: `${line}\n`, stream: 'stdout', time: '2026-01-02T03:04:05Z' }), least);
});

test('decision line – leaves out fields that are unknown or have another type', (t) => {
  for (const wrong of [
    { unknown: 'x' },
    { rule: 7 },
    { subject: '' },
    { path: null },
    { scopes: 'a b' },
    { scopes: ['a', 1] },
    { cache_hit: 'true' },
    { duration_us: '1' },
    { duration_us: -1 },
    { sampled: 0 },
    { sampled: 2 },
    { time: 'now' },
    { time: '2026-01-02T03:04:05Z\u001b[2J' },
    { host: { toString: 'x' } },
  ])
    t.deepEqual(parse({ ...least, ...wrong }), least, JSON.stringify(wrong));
  t.deepEqual(parseDecisionLine('{"effect":"deny","reason":"no_rule","duration_us":1e999}'), least);
});

test('decision line – refuses lines that are not decisions', (t) => {
  for (const text of [
    '',
    '{',
    '}',
    'null',
    '[]',
    'Error: {"effect":',
    'listening on 0.0.0.0:9001',
    '{"level":30,"event":"serving","message":"serving"}',
    '{"event":"shadow_difference","effect":"allow","reason":"allowed","shadow_effect":"deny"}',
    '{"effect":"deny"}',
    '{"effect":"deny","reason":""}',
    '{"effect":"deny","reason":["no_rule"]}',
    '{"effect":"perhaps","reason":"no_rule"}',
    '{"effect":["deny"],"reason":"no_rule"}',
    '{"log":"{"}',
    '{"log":{"effect":"deny","reason":"no_rule"}}',
    '[{"effect":"deny","reason":"no_rule"}]',
  ])
    t.is(parseDecisionLine(text), undefined, text);
});

test('decision line – is not misled by hostile JSON', (t) => {
  t.is(parseDecisionLine('{"__proto__":{"effect":"allow","reason":"allowed"}}'), undefined);
  const line = parseDecisionLine(
    '{"__proto__":{"rule":"x"},"constructor":"y","effect":"deny","reason":"no_rule"}',
  );
  t.deepEqual(line, least);
  t.is(Object.getPrototypeOf(line), Object.prototype);
  t.is(parseDecisionLine('{"a":'.repeat(40_000)), undefined);
  t.is(parseDecisionLine(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`), undefined);
  t.is(parse({ ...least, subject: 'x'.repeat(longestLine) }), undefined);
});

test('decision line – never throws', (t) => {
  t.notThrows(() =>
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseDecisionLine(text))),
  );
  t.notThrows(() => fc.assert(fc.property(fc.json(), (text) => void parseDecisionLine(text))));
});
