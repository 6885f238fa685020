import test from 'ava';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { httpAnswerOf } from '../../../src/http/check-response.ts';
import { createHttpSettings } from '../../../src/http/settings.ts';
import { headersOf } from '../../support/check-wire.ts';
import { createCheckWorld, evidenceFor, type Presented } from '../../support/check-world.ts';
import { createSigner } from '../../support/jwt-signer.ts';

const signer = createSigner('ES256');

const issuer = (name: string) => ({
  issuer: `https://${name}.example.com`,
  audiences: ['a'],
  jwks: { keys: [signer.publicJwk] },
});
const config = {
  issuers: { corp: issuer('corp') },
  rules: [{ name: 'all', match: { methods: ['POST', 'PUT'] } }],
  resourceMetadata: [
    { resource: 'https://mcp.example.com' },
    { resource: 'https://mcp.example.com/tools' },
    { resource: 'https://mcp.example.com/tools/fine/' },
    { resource: 'https://inside.example.com/tools', hosts: ['mcp.internal', '*.inside.example.com:8443'] },
  ],
} satisfies ConfigInput;
const world = await createCheckWorld(config);
test.after.always(() => world.stop());

const top = '/.well-known/oauth-protected-resource';
const ask = (more: Presented) => world.check({ host: 'mcp.example.com', path: top, ...more });
async function served(more: Presented): Promise<string | undefined> {
  const { decision, response } = await ask(more);
  if (decision.effect !== 'answer') return undefined;
  return JSON.parse(response.deniedResponse?.body ?? '').resource;
}

const found: Readonly<Record<string, readonly [Presented, resource: string]>> = {
  'the path of a host': [{}, 'https://mcp.example.com'],
  HEAD: [{ method: 'HEAD' }, 'https://mcp.example.com'],
  'a path below the host': [{ path: `${top}/tools` }, 'https://mcp.example.com/tools'],
  'a slash at the end': [{ path: `${top}/tools/fine/` }, 'https://mcp.example.com/tools/fine/'],
  'capital letters in the host': [{ host: 'MCP.Example.com' }, 'https://mcp.example.com'],
  'the usual port': [{ host: 'mcp.example.com:443' }, 'https://mcp.example.com'],
  'a configured host': [{ host: 'mcp.internal', path: `${top}/tools` }, 'https://inside.example.com/tools'],
  'a host that fits a pattern': [
    { host: 'a.inside.example.com:8443', path: `${top}/tools` },
    'https://inside.example.com/tools',
  ],
};
for (const [what, [asked, resource]] of Object.entries(found))
  test(`resource metadata – ${what} finds its document (RFC 9728 §3.1)`, async (t) => {
    t.is(await served(asked), resource);
  });

const lost: Readonly<Record<string, Presented>> = {
  ...Object.fromEntries(
    ['POST', 'PUT', 'DELETE', 'OPTIONS', 'get', 'GETX'].map((method) => [`the method ${method}`, { method }]),
  ),
  'a query': { path: `${top}?x` },
  'an empty query': { path: `${top}?` },
  'a fragment': { path: `${top}#x` },
  'a slash that the resource does not have': { path: `${top}/` },
  'a missing slash': { path: `${top}/tools/fine` },
  'a path below a resource': { path: `${top}/tools/x` },
  'another case': { path: `${top}/Tools` },
  'a longer name': { path: `${top}s` },
  'a second slash': { path: `/${top}` },
  'a second slash inside': { path: `${top}//tools` },
  'a dot segment': { path: `${top}/./tools` },
  'an escaped dot segment': { path: `${top}/%2e%2e/oauth-protected-resource/tools` },
  'an escape of a plain character': { path: `${top}/%74ools` },
  'a parameter': { path: `${top};a/tools` },
  'a backslash': { path: `${top}\\tools` },
  'another host': { host: 'evil.example.com' },
  'the host of another resource': { host: 'mcp.internal' },
  'another port': { host: 'mcp.example.com:8080' },
  'a final dot': { host: 'mcp.example.com.' },
  'no host': { host: '' },
  'two hosts': { host: 'mcp.example.com,evil.example.com' },
  'another host in a header': {
    host: 'evil.example.com',
    headers: { 'x-forwarded-host': 'mcp.example.com', forwarded: 'host=mcp.example.com' },
  },
};
for (const [what, asked] of Object.entries(lost))
  test(`resource metadata – ${what} finds no document, and the rules decide`, async (t) => {
    const { decision, response } = await ask(asked);
    t.not(decision.effect, 'answer');
    t.not(decision.effect, 'allow');
    t.not(response.deniedResponse?.status?.code as number | undefined, 200);
  });

test('resource metadata – the answer is no allow: the request does not reach the application', async (t) => {
  const { decision, response } = await ask({});
  t.like(decision, { effect: 'answer', reason: 'metadata_served', found: {} });
  t.is(response.status?.code, 7);
  t.is(response.okResponse, undefined);
  t.is(response.errorResponse, undefined);
  t.is(response.deniedResponse?.status?.code as number | undefined, 200);
  t.deepEqual(headersOf(response.deniedResponse?.headers), {
    'content-type': 'application/json',
    'cache-control': 'public, max-age=300',
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
  });
});

for (const door of ['http', 'forward-auth'] as const)
  test(`resource metadata – at the door ${door} a status of 200 is an allow, so the rules decide`, async (t) => {
    const evidence = evidenceFor({ host: 'mcp.example.com', path: top });
    const decision = await world.decide(evidence, door, Number.POSITIVE_INFINITY);
    t.like(decision, { effect: 'deny', reason: 'no_rule' });
  });

test('resource metadata – a door without answers of our own refuses one', async (t) => {
  const { decision } = await ask({});
  const identity = { preset: 'standard' } as const;
  const { styles } = createHttpSettings({
    ...{ realm: 'x', identity, dpop: { algorithms: [] } },
    http: { xfcc: 'none', forwardAuth: [] },
  });
  t.is(httpAnswerOf(decision, styles.check).status, 403);
  t.is(httpAnswerOf(decision, styles.forwardAuth).status, 500);
});

test('resource metadata – a connection and a check that could not be read get none', async (t) => {
  const { decision } = await world.connect({});
  t.is(decision.effect, 'deny');
});

test('resource metadata – a deadline that has passed is an outage here too', async (t) => {
  const evidence = evidenceFor({ host: 'mcp.example.com', path: top });
  const decision = await world.decide(evidence, 'grpc', world.clock.now);
  t.like(decision, { effect: 'unavailable', reason: 'deadline_exceeded' });
});

test('resource metadata – a public rule for everything does not hide the document', async (t) => {
  const open = await createCheckWorld({ ...config, rules: [{ name: 'all', public: true }] });
  t.teardown(open.stop);
  const { decision } = await open.check({ host: 'mcp.example.com', path: top });
  t.is(decision.reason, 'metadata_served');
  t.is((await open.check({ host: 'mcp.example.com', path: `${top}/x` })).decision.reason, 'public');
});

/** The challenge of a refusal, and the resource that it names. */
const challenges: Readonly<Record<string, readonly [Presented, url: string | undefined]>> = {
  'the longest prefix': [{ path: '/tools/list' }, `https://mcp.example.com${top}/tools`],
  'the path of the resource itself': [{ path: '/tools' }, `https://mcp.example.com${top}/tools`],
  'a longer prefix': [{ path: '/tools/fine/x' }, `https://mcp.example.com${top}/tools/fine/`],
  'a segment that only begins alike': [{ path: '/toolsx' }, `https://mcp.example.com${top}`],
  'an escape of a plain character': [{ path: '/%74ools' }, `https://mcp.example.com${top}/tools`],
  'the external URL, and not the host of the request': [
    { host: 'mcp.internal', path: '/tools' },
    `https://inside.example.com${top}/tools`,
  ],
  'no resource at the host': [{ host: 'evil.example.com', path: '/tools' }, undefined],
  'no resource at the path': [{ host: 'mcp.internal', path: '/other' }, undefined],
};
for (const [what, [asked, url]] of Object.entries(challenges))
  test(`resource metadata – challenge: ${what} (RFC 9728 §5.1)`, async (t) => {
    const { response } = await ask({ method: 'POST', ...asked });
    t.is(response.deniedResponse?.status?.code as number | undefined, 401);
    t.is(
      headersOf(response.deniedResponse?.headers)['www-authenticate'],
      `Bearer realm="peerproof"${url ? `, resource_metadata="${url}"` : ''}`,
    );
  });

test('resource metadata – 60 KiB of a path or a host cost next to nothing', async (t) => {
  const long = 'a'.repeat(60_000);
  for (const asked of [
    { path: `${top}/${long}` },
    { path: `${top}/${'/'.repeat(60_000)}` },
    { host: long },
  ]) {
    const began = performance.now();
    for (let n = 0; n < 20; n++) await served(asked);
    t.true(performance.now() - began < 1_000);
  }
});
