import { readFileSync } from 'node:fs';
import test from 'ava';
import { parse } from 'yaml';
import { istioCr } from '../../tools/docs/kyma.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS, type Mesh, type Send } from '../support/mesh.ts';
import { startKyma } from './kyma-mesh.ts';
import { root } from './manifests.ts';

/** A token endpoint in Kyma: the Istio resource as it is, and the EnvoyFilter that lets the sidecar send bodies. */

const [authorizer] = parse(readFileSync(istioCr, 'utf8')).spec.config.authorizers;
const { spec } = parse(readFileSync(`${root}istio/protect/token-endpoint-body.yaml`, 'utf8'));
const { '@type': _, ...merged } = spec.configPatches[0].patch.value.typed_config;
const server = 'https://as.example.com';
const spire = createSigner('ES256');

let mesh: Mesh;
test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startKyma({
    merged,
    given: () => ({
      authorizer,
      settings: {
        issuers: {
          spire: {
            issuer: 'https://spire.example.com',
            jwks: { keys: [spire.publicJwk] },
            accept: 'jwt-svid',
            audiences: [server],
          },
        },
        peers: { trustDomains: { 'cluster.local': {} }, gateways: [IDS.gateway] },
        clients: { shop: [IDS.client] },
        rules: [
          { name: 'certificate', match: { paths: ['/mtls'] }, require: { credential: 'client-certificate' } },
          {
            name: 'assertion',
            match: { paths: ['/token'] },
            require: { credential: 'client-assertion', authorizationServer: server },
          },
        ],
      },
    }),
  });
});
test.after.always(() => mesh?.stop());

const form = (parts: Record<string, string> = {}) =>
  new URLSearchParams({ grant_type: 'client_credentials', ...parts }).toString();
const asserted = () => {
  const now = Math.floor(Date.now() / 1_000);
  const client_assertion = spire.sign({ sub: IDS.client, aud: server, iat: now, exp: now + 300 });
  const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe';
  return form({ client_assertion, client_assertion_type });
};

async function post(path: string, body: string, more: Send = {}) {
  const answer = await mesh.send('gateway', {
    ...{ who: 'client', method: 'POST', path, body },
    ...more,
    headers: [['content-type', 'application/x-www-form-urlencoded'], ...(more.headers ?? [])],
  });
  return { answer, line: mesh.peerproof.decisions().at(-1) ?? {} };
}

for (const protocol of ['h1', 'h2'] as const)
  envoyTest(
    `Kyma, ${protocol}: a client authenticates at a token endpoint, and the server gets the form`,
    async (t) => {
      for (const [path, body] of [
        ['/mtls', form()],
        ['/mtls', form({ client_id: 'shop' })],
        ['/token', asserted()],
      ] as const) {
        const { answer, line } = await post(path, body, { protocol });
        t.is(answer.status, 200, answer.body);
        t.is(answer.json().body, body);
        t.like(line, {
          door: 'http',
          reason: 'allowed',
          client_id: 'shop',
          spiffe_id: IDS.client,
          via: IDS.gateway,
        });
      }
    },
  );

envoyTest(
  'Kyma: a stolen assertion, another client, and a form that is cut off, compressed or too long',
  async (t) => {
    const before = mesh.app.seen;
    for (const [reason, path, body, more] of [
      ['binding_workload_mismatch', '/token', asserted(), { who: 'thief' }],
      ['client_not_registered', '/mtls', form({ client_id: 'shop' }), { who: 'thief' }],
      // Without a certificate of the client, the gateway itself is the peer.
      ['client_not_registered', '/mtls', form({ client_id: 'shop' }), { who: undefined }],
      ['body_unreadable', '/mtls', `${form()}&x=${'x'.repeat(17_000)}&client_id=other`, {}],
      ['body_unreadable', '/mtls', form(), { headers: [['content-encoding', 'gzip']] }],
    ] as const) {
      const { answer, line } = await post(path, body, more as Send);
      t.not(answer.status, 200, reason);
      t.is(line.reason, reason);
    }
    t.is(mesh.app.seen, before);
  },
);
