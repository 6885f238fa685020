import { readFileSync } from 'node:fs';
import test from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { createCheckWorld } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { createSigner } from '../support/jwt-signer.ts';

/** Tokens of a real API server, at a time when they were valid. */
const recordedAt = 1_795_361_800_000;
const read = (name: string) =>
  readFileSync(new URL(`../fixtures/kubernetes/${name}`, import.meta.url), 'utf8').trim();
const spiffe = (namespace: string, name: string, trustDomain = 'cluster.local') =>
  `spiffe://${trustDomain}/ns/${namespace}/sa/${name}`;
const oauthclient = spiffe('applications', 'oauthclient');

const cluster: NonNullable<ConfigInput['issuers']>[string] = {
  issuer: 'https://127.0.0.1:6443',
  jwks: JSON.parse(read('jwks.json')),
  accept: 'service-account',
  audiences: ['https://as.example.com'],
};
const worldOf = (require: object = {}, more: Partial<ConfigInput> = {}) =>
  createCheckWorld(
    {
      issuers: { cluster },
      peers: { trustDomains: { 'cluster.local': {} } },
      rules: [{ name: 'only', require: { binding: ['workload'], ...require } }],
      ...more,
    },
    { now: recordedAt },
  );

test('ServiceAccount token – passes from its own workload, and its facts go with it (recorded)', async (t) => {
  const world = await worldOf();
  const answer = await world.check({ token: read('sa-oauthclient-pod.jwt'), principal: oauthclient });
  isAllowed(t, answer);
  const { token, boundBy } = answer.decision.found;
  t.is(boundBy, 'workload');
  t.is(token?.kind, 'service-account');
  t.like(token?.serviceAccount, { namespace: 'applications', name: 'oauthclient', pod: 'oauthclient-0' });
  const set = Object.fromEntries(
    answer.response.okResponse?.headers?.map(({ header }) => [header?.key, header?.value]) ?? [],
  );
  t.like(set, {
    'x-auth-request-user': 'system:serviceaccount:applications:oauthclient',
    'x-kubernetes-namespace': 'applications',
    'x-kubernetes-service-account': 'oauthclient',
    'x-kubernetes-pod': 'oauthclient-0',
  });
});

for (const [who, principal, reason] of [
  ['another ServiceAccount', spiffe('applications', 'other'), 'binding_workload_mismatch'],
  ['the same name in another namespace', spiffe('prod', 'oauthclient'), 'binding_workload_mismatch'],
  ['a name that only begins alike', spiffe('applications', 'oauthclient2'), 'binding_workload_mismatch'],
  ['a path that goes on', `${oauthclient}/more`, 'binding_workload_mismatch'],
  [
    'the same workload of another cluster',
    spiffe('applications', 'oauthclient', 'other.cluster'),
    'peer_trust_domain_not_allowed',
  ],
  ['nobody', undefined, 'binding_peer_missing'],
] as const)
  test(`ServiceAccount token – stolen by ${who}: refused`, async (t) => {
    const world = await worldOf();
    const token = read('sa-oauthclient.jwt');
    isRefused(t, await world.check({ token, ...(principal && { principal }) }), reason);
  });

test('ServiceAccount token – the same names in another believed trust domain are another workload', async (t) => {
  const world = await worldOf(
    {},
    {
      issuers: { cluster: { ...cluster, trustDomain: 'cluster.local' } },
      peers: { trustDomains: { 'cluster.local': {}, 'other.cluster': {} } },
    },
  );
  const token = read('sa-oauthclient.jwt');
  const elsewhere = spiffe('applications', 'oauthclient', 'other.cluster');
  isRefused(t, await world.check({ token, principal: elsewhere }), 'binding_workload_mismatch');
  isAllowed(t, await world.check({ token, principal: oauthclient }));
});

test('ServiceAccount token – for another audience: refused (recorded)', async (t) => {
  const world = await worldOf();
  const token = read('sa-oauthclient-wrongaud.jwt');
  isRefused(t, await world.check({ token, principal: oauthclient }), 'token_audience_mismatch');
});

for (const [require, allowed] of [
  [{ serviceAccounts: ['applications/oauthclient'] }, true],
  [{ serviceAccounts: ['applications/*'] }, true],
  [{ serviceAccounts: ['*/oauthclient'] }, true],
  [{ serviceAccounts: ['prod/*'] }, false],
  [{ serviceAccounts: ['applications/oauth'] }, false],
  [{ namespaces: ['prod', 'applications'] }, true],
  [{ namespaces: ['application'] }, false],
  [{ pods: ['applications/oauthclient-0'] }, true],
  [{ pods: ['applications/oauthclient-1'] }, false],
  [{ serviceAccounts: ['applications/*'], namespaces: ['prod'] }, false],
] as const)
  test(`rule – ${JSON.stringify(require)}: ${allowed ? 'allowed' : 'refused'}`, async (t) => {
    const world = await worldOf(require as object);
    const answer = await world.check({ token: read('sa-oauthclient-pod.jwt'), principal: oauthclient });
    if (allowed) isAllowed(t, answer);
    else isRefused(t, answer, 'service_account_not_allowed');
  });

test('rule – pods: a token without a pod is refused (recorded)', async (t) => {
  const world = await worldOf({ pods: ['applications/*'] });
  const answer = await world.check({ token: read('sa-oauthclient.jwt'), principal: oauthclient });
  isRefused(t, answer, 'service_account_not_allowed');
});

const signer = createSigner('RS256');
const flat = (namespace: string, name: string) => ({
  iss: 'kubernetes/serviceaccount',
  sub: `system:serviceaccount:${namespace}:${name}`,
  'kubernetes.io/serviceaccount/namespace': namespace,
  'kubernetes.io/serviceaccount/service-account.name': name,
  'kubernetes.io/serviceaccount/secret.name': `${name}-token-x`,
});
const legacy = { issuer: 'kubernetes/serviceaccount', jwks: { keys: [signer.publicJwk] } };

test('legacy token – passes only behind both allowInsecure names', async (t) => {
  const both = { ...legacy, allowInsecureNoAudience: true, allowInsecureNoExpiry: true };
  const token = signer.sign(flat('applications', 'oauthclient'));
  const world = await worldOf({}, { issuers: { offline: both } });
  isAllowed(t, await world.check({ token, principal: oauthclient }));
  isRefused(t, await world.check({ token, principal: spiffe('a', 'b') }), 'binding_workload_mismatch');
  const noAudience = await worldOf({}, { issuers: { offline: { ...both, allowInsecureNoExpiry: false } } });
  isRefused(t, await noAudience.check({ token, principal: oauthclient }), 'token_claim_malformed');
  const noExpiry = await worldOf(
    {},
    { issuers: { offline: { ...legacy, allowInsecureNoExpiry: true, audiences: ['a'] } } },
  );
  isRefused(t, await noExpiry.check({ token, principal: oauthclient }), 'token_audience_mismatch');
});

for (const [title, claims] of [
  [
    'another subject',
    { ...flat('applications', 'oauthclient'), sub: 'system:serviceaccount:kube-system:admin' },
  ],
  [
    'no namespace',
    { ...flat('applications', 'oauthclient'), 'kubernetes.io/serviceaccount/namespace': undefined },
  ],
  ['no subject', { ...flat('applications', 'oauthclient'), sub: undefined }],
] as const)
  test(`ServiceAccount token – ${title}: contradicting claims are not a ServiceAccount`, async (t) => {
    const offline = { ...legacy, allowInsecureNoAudience: true, allowInsecureNoExpiry: true };
    const world = await worldOf({}, { issuers: { offline } });
    isRefused(
      t,
      await world.check({ token: signer.sign(claims), principal: oauthclient }),
      'token_type_not_allowed',
    );
  });
