import { readFileSync } from 'node:fs';
import test from 'ava';
import { legacyIssuer, readServiceAccount } from '../../../src/core/token/service-account.ts';

type Claims = Record<string, unknown>;
const recorded = (name: string): Claims => {
  const token = readFileSync(new URL(`../../fixtures/kubernetes/${name}.jwt`, import.meta.url), 'utf8');
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
};
const read = (claims: Claims) => readServiceAccount(claims.sub as string | undefined, claims);
const nothing = {
  ...{ uid: undefined, pod: undefined, podUid: undefined, node: undefined, nodeUid: undefined },
  ...{ credentialId: undefined, secret: undefined },
};

test('ServiceAccount – recorded, of the TokenRequest API', (t) => {
  t.deepEqual(read(recorded('sa-oauthclient')), {
    ...nothing,
    ...{ namespace: 'applications', name: 'oauthclient', uid: '464d25d6-0e76-4530-8d54-321bda06dcc1' },
    credentialId: `JTI=${recorded('sa-oauthclient').jti}`,
  });
});

test('ServiceAccount – recorded, bound to a pod', (t) => {
  t.like(read(recorded('sa-oauthclient-pod')), {
    ...{ namespace: 'applications', name: 'oauthclient', pod: 'oauthclient-0' },
    podUid: 'd33105fc-3f29-4638-aab3-1c8c00756eed',
  });
});

const sub = 'system:serviceaccount:prod:till';
const projected = (facts: unknown, more: Claims = {}): Claims => ({
  iss: 'x',
  sub,
  'kubernetes.io': facts,
  ...more,
});
const facts = { namespace: 'prod', serviceaccount: { name: 'till', uid: 'u' } };

test('ServiceAccount – the node', (t) => {
  const claims = projected({ ...facts, node: { name: 'node-1', uid: 'n' } });
  t.like(read(claims), { node: 'node-1', nodeUid: 'n', credentialId: undefined });
  t.like(read(projected({ ...facts, node: 'node-1' })), { node: undefined, nodeUid: undefined });
});

test('ServiceAccount – the credential ID is the jti, as audit logs write it', (t) => {
  t.like(read(projected(facts, { jti: 'e88b44e4' })), { credentialId: 'JTI=e88b44e4' });
  for (const jti of [7, '', null, ['x']])
    t.like(read(projected(facts, { jti })), { credentialId: undefined });
});

const p = 'kubernetes.io/serviceaccount/';
const legacy: Claims = {
  iss: legacyIssuer,
  sub,
  [`${p}namespace`]: 'prod',
  [`${p}service-account.name`]: 'till',
  [`${p}service-account.uid`]: 'u',
  [`${p}secret.name`]: 'till-token-x',
};

test('ServiceAccount – a legacy token, with its secret', (t) => {
  t.deepEqual(read(legacy), {
    ...nothing,
    ...{ namespace: 'prod', name: 'till', uid: 'u', secret: 'till-token-x' },
  });
});

const none: [string, Claims][] = [
  ['no kubernetes.io', { sub }],
  ['kubernetes.io null', projected(null)],
  ['kubernetes.io as a text', projected('prod')],
  ['no namespace', projected({ serviceaccount: { name: 'till' } })],
  ['an empty namespace', projected({ ...facts, namespace: '' })],
  ['a number as namespace', projected({ ...facts, namespace: 7 })],
  ['no serviceaccount', projected({ namespace: 'prod' })],
  ['a text as serviceaccount', projected({ namespace: 'prod', serviceaccount: 'till' })],
  ['no name', projected({ namespace: 'prod', serviceaccount: { uid: 'u' } })],
  ['no sub', projected(facts, { sub: undefined })],
  ['a sub of another namespace', projected(facts, { sub: 'system:serviceaccount:dev:till' })],
  ['a sub of another name', projected(facts, { sub: 'system:serviceaccount:prod:tills' })],
  ['a sub that is a user', projected(facts, { sub: 'till' })],
  ['flat claims of another issuer', { ...legacy, iss: 'https://evil.example' }],
  ['nested claims of the legacy issuer', projected(facts, { iss: legacyIssuer })],
  ['a legacy token without a name', { ...legacy, [`${p}service-account.name`]: undefined }],
  ['a legacy token whose sub is another', { ...legacy, sub: 'system:serviceaccount:prod:other' }],
];
for (const [title, claims] of none)
  test(`ServiceAccount – none in a token with ${title}`, (t) => {
    t.is(read(claims), undefined);
  });

test('ServiceAccount – a pod without a name, or as a text, is ignored', (t) => {
  for (const pod of [null, 'till-0', { uid: 'u' }, { name: '' }, { name: 7 }])
    t.like(read(projected({ ...facts, pod })), { name: 'till', pod: undefined });
});
