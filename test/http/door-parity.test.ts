import test, { type ExecutionContext } from 'ava';
import { type CheckAnswer, type CheckClient, openCheckClient } from '../support/check-client.ts';
import { headersOf } from '../support/check-wire.ts';
import { type Answer, type Client, openClient } from '../support/client.ts';
import { type Peerproof, startPeerproof } from '../support/peerproof.ts';
import { identityCases, peerCases, requestCases } from './parity-cases.ts';
import { tokenCases } from './parity-token-cases.ts';
import { config, issuer, type ParityCase } from './parity-world-cases.ts';

/** The same question through both doors of one Peerproof: the same decision, the same answer, the same line in the log. */

const presets = {
  standard: {},
  'oauth2-proxy': { preset: 'oauth2-proxy' as const, passAccessToken: true, passAuthorization: true },
};
type Preset = keyof typeof presets;

interface World {
  readonly peerproof: Peerproof;
  readonly grpc: CheckClient;
  readonly http: Record<'h1' | 'h2', Client>;
}

async function open(preset: Preset): Promise<World> {
  const peerproof = await startPeerproof({ ...config, identity: presets[preset] });
  await peerproof.ready;
  const target = { port: peerproof.httpPort };
  const http = { h1: openClient(target), h2: openClient({ ...target, protocol: 'h2' }) };
  return { peerproof, grpc: openCheckClient(peerproof.grpcPort), http };
}

/** Opened by the first test of its preset, because a connection that asks nothing at first is soon closed. */
const worlds: Partial<Record<Preset, Promise<World>>> = {};
const worldOf = (preset: Preset): Promise<World> => {
  worlds[preset] ??= open(preset);
  return worlds[preset];
};
test.after.always(async () => {
  for (const opened of Object.values(worlds)) {
    const { peerproof, grpc, http } = await opened;
    grpc.close();
    for (const client of Object.values(http)) client.close();
    await peerproof.drain();
  }
  await issuer.stop();
});

let number = 0;

interface Seen {
  readonly allowed: boolean;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly removed: readonly string[];
  readonly body: string;
  readonly line: Record<string, unknown>;
}

/** The line of the log, without what no two checks share but the ID of the decision. */
function lineOf({ decisions }: Peerproof, id: string): Record<string, unknown> {
  const found = decisions().filter((line) => line.request_id === id);
  if (found.length !== 1) throw new Error(`${found.length} log lines for ${id}`);
  const { time, duration_us, request_id, key_age_s, ...rest } = found[0];
  return rest;
}

async function overGrpc({ grpc, peerproof }: World, one: ParityCase): Promise<Seen> {
  const { method = 'GET', host, path, headers = [] } = one;
  const id = `grpc-${++number}`;
  const joined: Record<string, string> = { 'x-request-id': id };
  // As Envoy hands them over: lower-case names, duplicates joined.
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    joined[key] = key in joined ? `${joined[key]},${value}` : value;
  }
  const answer: CheckAnswer = await grpc.check({
    attributes: {
      request: {
        http: { method, host: host ?? 'orders.example.com', path: path ?? '/orders/1', headers: joined },
      },
    },
  });
  const denied = answer.deniedResponse;
  return {
    allowed: answer.status.code === undefined || answer.status.code === 0,
    status: denied ? denied.status.code : 200,
    headers: headersOf((denied ?? answer.okResponse).headers),
    removed: answer.okResponse?.headersToRemove ?? [],
    body: denied?.body ?? '',
    line: lineOf(peerproof, id),
  };
}

/** What belongs to HTTP, or to this kind of answer, and has no counterpart over gRPC. */
const transport = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']);

async function overHttp(
  { peerproof }: World,
  client: Client,
  { method = 'GET', host, path, headers = [] }: ParityCase,
): Promise<Seen> {
  const id = `http-${++number}`;
  const answer: Answer = await client.request({
    method,
    path: path ?? '/orders/1',
    headers: [['host', host ?? 'orders.example.com'], ['x-request-id', id], ...headers],
  });
  const allowed = answer.status === 200;
  const received: Record<string, string> = {};
  for (const [name, value] of answer.headers) {
    if (transport.has(name) || (allowed && name === 'cache-control')) continue;
    received[name] = name in received ? `${received[name]} AND ${value}` : value;
  }
  const { 'x-envoy-auth-headers-to-remove': removed, ...rest } = received;
  return {
    allowed,
    status: answer.status,
    headers: rest,
    removed: removed === undefined ? [] : removed.split(','),
    body: answer.body,
    line: lineOf(peerproof, id),
  };
}

const mixed = (name: string) => name.includes('-') && name.includes('_');

/**
 * Over HTTP Envoy takes a 5xx for no answer, so an outage is a 429 there. And it shows only the headers that it is told to,
 * so every spelling is removed, and not only those that came.
 */
function asOverGrpc(seen: Seen, asked: Seen): Seen {
  const removed = new Set(seen.removed.filter((name) => !mixed(name) || asked.removed.includes(name)));
  return { ...seen, status: seen.status === 429 ? 503 : seen.status, removed: [...removed] };
}

/** Two answers have two IDs. */
function comparable({ body, line, headers, removed, ...seen }: Seen) {
  const { door, decision_id, ...rest } = line;
  // Where the caller never sees the body, there is one all the same in the preset of oauth2-proxy.
  const text = seen.allowed ? {} : JSON.parse(body);
  return {
    ...seen,
    // Seconds until the next attempt, which goes on between two questions.
    headers: {
      ...headers,
      ...('retry-after' in headers && { 'retry-after': 'some' }),
      ...('x-decision-id' in headers && { 'x-decision-id': 'some' }),
    },
    removed: removed.toSorted(),
    body: { ...text, ...(text.decision_id && { decision_id: 'some' }) },
    // The age of keys, and the time until they may be fetched again, go on too.
    line: rest.detail === undefined ? rest : { ...rest, detail: withoutAges(String(rest.detail)) },
  };
}

function withoutAges(detail: string): string {
  return detail.replace(/(fetched|asked again for) \d+ s\b/g, '$1 some s');
}

function expectsOf(t: ExecutionContext, { status, headers, line }: Seen, wanted: ParityCase) {
  t.is(line.reason, wanted.reason, String(line.detail));
  t.is(status, wanted.status);
  t.is(line.effect, status === 200 ? 'allow' : status >= 500 ? 'unavailable' : 'deny');
  t.is(headers['x-decision-id'], status === 200 ? undefined : String(line.decision_id));
  if (wanted.line) t.like(line, wanted.line);
  if (status === 503) t.regex(headers['retry-after'] ?? '', /^[1-9]\d*$/);
}

const all = { ...requestCases, ...tokenCases, ...peerCases, ...identityCases };
test('parity – no two groups of cases share a title, and there are many', (t) => {
  const groups = [requestCases, tokenCases, peerCases, identityCases];
  t.is(Object.keys(all).length, groups.flatMap((group) => Object.keys(group)).length);
  t.true(Object.keys(all).length >= 90);
});

for (const preset of Object.keys(presets) as Preset[]) {
  for (const [title, { asOauth2Proxy, ...either }] of Object.entries(all)) {
    const one = { ...either, ...(preset === 'oauth2-proxy' && asOauth2Proxy) };
    test.serial(`parity, ${preset} – ${title}: ${one.reason}`, async (t) => {
      const world = await worldOf(preset);
      const asked = await overGrpc(world, one);
      expectsOf(t, asked, one);
      t.is(asked.line.door, 'grpc');
      for (const [protocol, client] of Object.entries(world.http)) {
        if (one.only && one.only !== protocol) continue;
        const answered = asOverGrpc(await overHttp(world, client, one), asked);
        expectsOf(t, answered, one);
        t.is(answered.line.door, 'http', protocol);
        t.deepEqual(comparable(answered), comparable(asked), protocol);
        if (answered.allowed) t.is(answered.body, preset === 'standard' ? '' : 'Authenticated');
      }
    });
  }

  test.serial(`parity, ${preset} – each decision is counted for its door`, async (t) => {
    const { peerproof } = await worldOf(preset);
    for (const door of ['grpc', 'http', 'forward-auth']) {
      const lines = peerproof.decisions().filter((line) => line.door === door);
      t.is(await peerproof.metric('peerproof_decisions_total', { door }), lines.length, door);
      t.is(lines.length > 0, door !== 'forward-auth');
    }
  });
}
