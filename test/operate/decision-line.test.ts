import test from 'ava';
import fc from 'fast-check';
import { pino } from 'pino';
import type { Decision } from '../../src/core/decision.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import { decisionFacts } from '../../src/core/identity/metadata.ts';
import { actorNames } from '../../src/core/token/actors.ts';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { readTraceId } from '../../src/operate/trace-id.ts';

/** The line as pino writes it from one object: what the log wrote before its lines were put together by hand. */
function lineOfPino(
  decision: Decision,
  evidence: Evidence,
  microseconds: number,
  now: number,
  share?: number,
  of: { version?: string; node?: string } = {},
): string {
  const cut = (text: string | undefined) =>
    text ? (text.length > 512 ? `${text.slice(0, 512)}…` : text) : undefined;
  const { request } = evidence;
  const { token, peer, path, transaction } = decision.found;
  const { spiffe_id, bound_by, workload, scopes, ...facts } = decisionFacts(decision);
  const [, ...prior] = (token && actorNames(token)) ?? [];
  let line = '';
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (text) => (line = text) },
  );
  log[({ allow: 'info', answer: 'info', deny: 'warn', unavailable: 'error' } as const)[decision.effect]]({
    ...facts,
    subject: cut(facts.subject),
    client_id: cut(facts.client_id),
    actor: cut(facts.actor),
    prior_actors: prior.length > 0 ? prior.map(cut) : undefined,
    scopes: scopes?.length ? cut(scopes.join(' '))?.split(' ') : undefined,
    ...{ spiffe_id, bound_by },
    workload: cut(workload),
    detail: 'detail' in decision ? cut(decision.detail) : undefined,
    door: 'grpc',
    method: cut(request?.method),
    host: cut(request?.host),
    path: cut(path ?? request?.path.slice(0, 1_024).split(/[?#]/, 1)[0]),
    destination: cut(evidence.destination.principal),
    peer_from: peer?.source,
    via: peer?.via?.uri,
    token_kind: token?.kind,
    service_account:
      token?.serviceAccount && cut(`${token.serviceAccount.namespace}/${token.serviceAccount.name}`),
    pod: cut(token?.serviceAccount?.pod),
    token_node: cut(token?.serviceAccount?.node),
    credential_id: cut(token?.serviceAccount?.credentialId),
    alg: token?.algorithm,
    kid: token?.kid,
    jti: token?.kind === 'opaque-token' ? undefined : cut(token?.claims.jti as string),
    txn: cut(transaction?.txn),
    key_age_s: token?.keyFetchedAt && Math.round((now - token.keyFetchedAt) / 1000),
    cache_hit: token?.cached,
    duration_us: microseconds,
    trace_id: request && readTraceId(request.headers),
    request_id: cut(request?.headers['x-request-id']),
    source_address: cut(evidence.sourceAddress),
    user_agent: cut(request?.headers['user-agent']),
    sampled: share,
    config_version: of.version,
    node: of.node,
    schema: 1,
  });
  return line.replace(/[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
}

const withoutTime = (line: string) => line.replace(/"time":"[^"]*"/, '"time":""');

/** Every kind of character, what JSON or a terminal reads as something else, and lone surrogates. */
const character = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code)),
  fc.constantFrom(
    '"',
    '\\',
    '/',
    '\u2028',
    '\u200f',
    '\u202e',
    '\u2066',
    '\ud800',
    '\udfff',
    '😀',
    ' ',
    '?',
    '#',
  ),
);
const text = fc.oneof(
  fc.array(character, { maxLength: 12 }).map((all) => all.join('')),
  fc.tuple(character, fc.integer({ min: 500, max: 700 })).map(([one, times]) => one.repeat(times)),
);
const number = fc.oneof(fc.integer({ min: 0 }), fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY));
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const named = some(fc.record({ uri: text }));
const account = fc.record({
  ...{ namespace: text, name: text, pod: some(text) },
  ...{ node: some(text), credentialId: some(text) },
});
const name = text.filter((one) => one !== '' && !one.startsWith('spiffe://'));
const act = fc.oneof(
  fc.record({ sub: name }),
  fc.record({ sub: name, iss: name, act: fc.record({ client_id: name }) }),
  text,
);
const token = fc.record({
  ...{
    kind: fc.oneof(text, fc.constant('opaque-token')),
    claims: fc.record({ jti: some(text), act: some(act) }),
  },
  ...{ iss: some(text), subject: some(text), clientId: some(text), scopes: fc.array(text) },
  ...{ serviceAccount: some(account), algorithm: some(text), kid: some(text) },
  ...{ keyFetchedAt: some(number), cached: fc.boolean() },
});
const trace = fc.constantFrom({}, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }, { b3: '0' });
const request = fc.record({
  ...{ method: text, host: text, path: text },
  headers: fc.tuple(trace, some(text), some(text)).map(([one, id, agent]) => ({
    ...one,
    ...(id !== undefined && { 'x-request-id': id }),
    ...(agent !== undefined && { 'user-agent': agent }),
  })),
});
const found = fc.record({
  ...{ rule: some(fc.record({ name: text })), path: some(text), token: some(token) },
  transaction: some(fc.record({ txn: text })),
  boundBy: some(fc.constantFrom('certificate', 'workload', 'none')),
  sender: some(fc.record({ subject: text })),
  peer: some(fc.record({ source: fc.constantFrom('xfcc', 'attribute'), spiffeId: named, via: named })),
});
const decision = fc.record({
  ...{ id: text, reason: fc.constantFrom('no_rule', 'allowed'), detail: some(text), found },
  effect: fc.constantFrom('allow', 'deny', 'unavailable'),
  identity: fc.record({ isKept: fc.boolean() }),
});
const evidence = fc.record({
  request: some(request),
  destination: fc.record({ principal: text }),
  sourceAddress: some(text),
});

test('decision line – is what pino writes, byte for byte, for any text in any field', (t) => {
  const lines: string[] = [];
  const [version, node] = ['c0ffee', 'pod "1"'];
  const log = createDecisionLog(
    { write: (line) => void lines.push(line) },
    { format: 'json', omit: [], version, node },
  );
  fc.assert(
    fc.property(decision, evidence, number, number, some(number), (made, about, microseconds, now, share) => {
      const [one, of] = [made as unknown as Decision, about as unknown as Evidence];
      const expected = withoutTime(lineOfPino(one, of, microseconds, now, share, { version, node }));
      // Twice: the second line about a token or an identity is made with what was kept of the first.
      for (let time = 0; time < 2; time++) {
        log(one, of, 'grpc', microseconds, now, share);
        t.is(withoutTime(lines.pop() ?? ''), expected);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('decision line – the time is that of the line', (t) => {
  const lines: string[] = [];
  const log = createDecisionLog({ write: (line) => void lines.push(line) });
  const one = { id: 'd', found: {}, effect: 'deny', reason: 'no_rule', detail: undefined } as const;
  const before = Date.now();
  log(one, { peer: {}, destination: { principal: '', port: 0 }, context: {} }, 'grpc', 1, 0);
  const { time } = JSON.parse(lines[0] ?? '') as { time: string };
  t.is(new Date(time).toISOString(), time);
  t.true(Date.parse(time) >= before && Date.parse(time) <= Date.now());
});

test('decision line – what is kept of a token serves every rule, peer and request', (t) => {
  const lines: string[] = [];
  const log = createDecisionLog({ write: (line) => void lines.push(line) });
  const known = { ...fc.sample(token, { numRuns: 1, seed: 7 })[0], cached: true };
  for (const [other, about] of fc.sample(fc.tuple(decision, evidence), { numRuns: 50, seed: 7 })) {
    const one = { ...other, found: { ...other.found, token: known } } as unknown as Decision;
    const of = about as unknown as Evidence;
    log(one, of, 'grpc', 1, 1_000);
    t.is(withoutTime(lines.pop() ?? ''), withoutTime(lineOfPino(one, of, 1, 1_000)));
  }
});

test('decision line – what is kept of an allow is not used for one that is only observed', (t) => {
  const lines: string[] = [];
  const log = createDecisionLog({ write: (line) => void lines.push(line) });
  const about = { peer: {}, destination: { principal: '', port: 0 }, context: {} };
  const allow = (reason: string, name: string) => {
    const one = { id: 'd', effect: 'allow', reason, found: { rule: { name } }, identity, wouldDeny };
    log(one as unknown as Decision, about, 'grpc', 1, 0);
    return (JSON.parse(lines.pop() ?? '') as { rule: string }).rule;
  };
  const identity = { set: [], remove: { names: [], unseen: '' }, isKept: true };
  const wouldDeny = { reason: 'scope_missing', detail: undefined };
  t.is(allow('allowed', 'orders'), 'orders');
  t.is(allow('observed', 'bills'), 'bills');
});
