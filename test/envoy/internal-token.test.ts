import { readFileSync } from 'node:fs';
import test from 'ava';
import { parse } from 'yaml';
import { upstreamCluster } from '../support/envoy-listener.ts';
import type { JsonObject } from '../support/envoy-options.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { minting, partsOf, pemKey, writeFiles } from '../support/internal-token.ts';
import { IDS, type Mesh, received, startMesh } from '../support/mesh.ts';

/** ext_authz mints, and Envoy's own jwt_authn verifies with the keys that Peerproof serves. */

const HEADER = 'x-peerproof-token';
const cleanups: (() => void)[] = [];
let mesh: Mesh;

const example = readFileSync(
  new URL('../../examples/internal-token/jwt-authn.yaml', import.meta.url),
  'utf8',
);

/** The filter of the example, for this audience. It finds the keys at the cluster of a listener. */
function verifier(audience: string): JsonObject {
  const text = example
    .replace('spiffe://cluster.local/ns/orders/sa/orders', audience)
    .replace('cluster: peerproof-keys', `cluster: "${upstreamCluster('keys')}"`)
    .replace('path: /healthz', 'path: /public');
  return parse(text);
}

test.before(async () => {
  if (!hasEnvoy) return;
  const keyFiles = writeFiles({ teardown: (end) => cleanups.push(end as () => void) }, pemKey());
  mesh = await startMesh({
    config: () => ({
      listen: { keys: '127.0.0.1:0' },
      http: { pathPrefix: '/check', xfcc: 'direct' },
      identity: minting(keyFiles),
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [{ name: 'public', match: { paths: ['/public'] }, public: true }, { name: 'rest' }],
    }),
    listeners: (parts) => {
      const upstream = { port: parts.app.port };
      const grpc = { grpc: parts.authorizer };
      const http = {
        http: {
          ports: [parts.httpPort],
          pathPrefix: '/check',
          allowedUpstreamHeaders: [HEADER],
        },
        allowedHeaders: ['authorization', 'x-forwarded-client-cert'],
      };
      const orders = { mtls: parts.tls('orders'), upstream, filtersAfter: [verifier(IDS.orders)] };
      return [
        { name: 'keys', upstream: { port: parts.keysPort, protocol: 'http1' } },
        { name: 'grpc', ...orders, extAuthz: grpc },
        { name: 'http', ...orders, extAuthz: http },
        { name: 'plain', mtls: parts.tls('orders'), upstream, extAuthz: grpc },
        { name: 'unasked', ...orders },
        { name: 'elsewhere', upstream, filtersAfter: [verifier(IDS.gateway)] },
      ];
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
  for (const end of cleanups) end();
});

for (const listener of ['grpc', 'http'])
  envoyTest(`${listener}: Envoy's jwt_authn verifies the minted token with the served keys`, async (t) => {
    const answer = await mesh.send(listener, { who: 'client', token: mesh.mint({ scope: 'orders' }) });
    t.is(answer.status, 200);
    t.deepEqual(received(answer, 'x-verified-sub'), ['alice']);
    t.deepEqual(received(answer, 'x-verified-sender'), [IDS.client]);
    const [minted = ''] = received(answer, HEADER);
    t.like(partsOf(minted).claims, { aud: IDS.orders, scope: 'orders', bound_by: 'workload' });
  });

envoyTest('what the client sends in its place never arrives, in no spelling', async (t) => {
  const good = received(await mesh.send('grpc', { who: 'client', token: mesh.mint() }), HEADER)[0] ?? '';
  for (const listener of ['grpc', 'http', 'plain'])
    for (const name of ['x-peerproof-token', 'X-Peerproof-Token', 'x_peerproof_token', 'x-peerproof_token'])
      for (const forged of [good, 'eyJhbGciOiJub25lIn0.e30.'])
        for (const path of ['/', '/public']) {
          const token = path === '/' ? mesh.mint({ sub: 'bob' }) : undefined;
          const headers = [[name, forged] as const];
          const answer = await mesh.send(listener, { who: 'client', path, headers, ...(token && { token }) });
          t.is(answer.status, 200);
          const arrived = answer.json().headers as [string, string][];
          const like = arrived.filter(([key]) => key.toLowerCase().replaceAll('_', '-') === HEADER);
          t.deepEqual(
            like.map(([key, value]) => [key, partsOf(value).claims.sub]),
            path === '/' ? [[HEADER, 'bob']] : [],
            `${listener} ${name} ${path}`,
          );
        }
});

envoyTest('a replay at another destination is refused by its audience', async (t) => {
  const [minted = ''] = received(await mesh.send('grpc', { who: 'client', token: mesh.mint() }), HEADER);
  const headers = [[HEADER, minted] as const];
  t.is((await mesh.send('unasked', { who: 'client', headers })).status, 200);
  const elsewhere = await mesh.send('elsewhere', { plain: true, headers });
  t.is(elsewhere.status, 403);
  t.regex(String(elsewhere.body), /Audiences/);
});

envoyTest('a token that nobody or somebody else signed is refused by the verifier', async (t) => {
  const { claims, header } = partsOf(
    received(await mesh.send('grpc', { who: 'client', token: mesh.mint() }), HEADER)[0] ?? '',
  );
  const unsigned = [{ ...header, alg: 'none' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  for (const forged of [`${unsigned}.`, mesh.signer.sign(claims, header)]) {
    const answer = await mesh.send('unasked', { who: 'client', headers: [[HEADER, forged]] });
    t.is(answer.status, 401);
  }
  t.is((await mesh.send('unasked', { who: 'client' })).status, 401);
});

envoyTest('no log holds a part of a minted token', async (t) => {
  const [minted = ''] = received(await mesh.send('grpc', { who: 'client', token: mesh.mint() }), HEADER);
  assertDiscreet(t, mesh.peerproof.lines, [minted, ...mesh.tokens]);
});
