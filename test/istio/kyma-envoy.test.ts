import { readFileSync } from 'node:fs';
import test from 'ava';
import { parse } from 'yaml';
import { presets } from '../../src/core/identity/presets.ts';
import { istioCr } from '../../tools/docs/kyma.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh } from '../support/mesh.ts';
import { startKyma } from './kyma-mesh.ts';
import { root } from './manifests.ts';

/**
 * The manifests of Kyma at work: external client, ingress gateway, the sidecar of `orders` that asks over HTTP with the
 * header lists of the Istio resource, Peerproof's own sidecar, and Peerproof with the rules of the overlay.
 */

const [authorizer] = parse(readFileSync(istioCr, 'utf8')).spec.config.authorizers;
const text = readFileSync(`${root}kustomize/overlays/kyma/peerproof.yaml`, 'utf8');
const settings = parse(text);
const host = ['host', 'orders.kyma.example'] as const;

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startKyma({
    given: ({ issuer }) => ({
      authorizer,
      settings: {
        ...settings,
        issuers: { corp: { issuer: issuer.issuer, audiences: settings.issuers.corp.audiences } },
      },
    }),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

const line = () => mesh.peerproof.decisions().at(-1);
const claims = { email: 'alice@example.com', groups: ['a', 'b'], preferred_username: 'al' };

for (const protocol of ['h1', 'h2'] as const) {
  envoyTest(`Kyma, ${protocol}: no token is 401, in the words of oauth2-proxy and of RFC 6750`, async (t) => {
    const answer = await mesh.send('gateway', { protocol, headers: [host], path: '/orders', method: 'POST' });
    t.is(answer.status, 401);
    t.is(answer.body, '{}');
    t.is(answer.header('content-type'), 'application/json');
    t.is(answer.header('cache-control'), 'no-store');
    t.is(answer.header('x-decision-id'), line().decision_id);
    t.is(answer.header('www-authenticate'), 'Bearer realm="peerproof"');
    t.like(line(), {
      door: 'http',
      reason: 'token_missing',
      method: 'POST',
      path: '/orders',
      rule: 'orders/host',
    });
    t.like(line(), { host: host[1], spiffe_id: IDS.gateway });
  });

  envoyTest(`Kyma, ${protocol}: a token is 200, and the application knows the caller`, async (t) => {
    const answer = await mesh.send('gateway', { protocol, headers: [host], token: mesh.mint(claims) });
    t.is(answer.status, 200, answer.body);
    t.like(Object.fromEntries(answer.json().headers), {
      'x-auth-request-user': 'alice',
      'x-auth-request-email': 'alice@example.com',
      'x-auth-request-groups': 'a,b',
      'x-auth-request-preferred-username': 'al',
      'x-forwarded-user': 'alice',
      'gap-auth': 'alice@example.com',
    });
    t.like(line(), { reason: 'allowed', bound_by: 'none', subject: 'alice' });
  });

  envoyTest(`Kyma, ${protocol}: no spelling of a managed header comes through from a client`, async (t) => {
    for (const name of Object.keys(presets['oauth2-proxy'])) {
      const headers = spellings(name).map((spelling) => [spelling, 'forged'] as const);
      const answer = await mesh.send('gateway', {
        protocol,
        headers: [host, ...headers],
        token: mesh.mint(),
      });
      t.is(answer.status, 200, `${name}: ${answer.body}`);
      t.deepEqual(
        answer.json().headers.filter(([, value]: [string, string]) => value.includes('forged')),
        [],
      );
    }
  });

  envoyTest(`Kyma, ${protocol}: a bound token is good in the hands of its client alone`, async (t) => {
    const token = mesh.mint({ ...claims, cnf: { 'x5t#S256': mesh.who.client.thumbprint } });
    const own = await mesh.send('gateway', { protocol, who: 'client', headers: [host], token });
    t.is(own.status, 200, own.body);
    t.like(line(), { bound_by: 'certificate', spiffe_id: IDS.client, via: IDS.gateway });
    const forged = `By=${IDS.gateway};Hash=${mesh.who.client.sha256Hex};URI=${IDS.client}`;
    for (const who of ['thief', undefined] as const)
      for (const more of [[], [['x-forwarded-client-cert', forged] as const]]) {
        const stolen = await mesh.send('gateway', { protocol, who, headers: [host, ...more], token });
        t.is(stolen.status, 401);
        t.is(line().reason, 'binding_certificate_mismatch');
      }
  });
}

envoyTest('Kyma: what no rule covers is denied', async (t) => {
  const answer = await mesh.send('gateway', {
    token: mesh.mint(),
    headers: [['host', 'other.kyma.example']],
  });
  t.is(answer.status, 403);
  t.is(line().reason, 'no_rule');
});

/** All ways to write a name with `-` or `_`. */
function spellings(name: string): string[] {
  const [first = '', ...words] = name.split('-');
  return words.reduce(
    (heads, word) => heads.flatMap((head) => [`${head}-${word}`, `${head}_${word}`]),
    [first],
  );
}
