import { readFileSync } from 'node:fs';
import test from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { createCheckWorld } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { createSigner } from '../support/jwt-signer.ts';

/** JWT-SVIDs of a real SPIRE, at a time when they were valid. */
const recordedAt = 1_795_361_500_000;
const read = (name: string) =>
  readFileSync(new URL(`../fixtures/spire-tokens/${name}`, import.meta.url), 'utf8').trim();
const oauthclient = 'spiffe://democluster.internal/ns/applications/sa/oauthclient';
const orders = 'spiffe://democluster.internal/ns/prod/sa/orders';

const spire: NonNullable<ConfigInput['issuers']>[string] = {
  issuer: 'https://127.0.0.1:18443',
  jwks: JSON.parse(read('jwks.json')),
  accept: 'jwt-svid',
  audiences: ['https://as.example.com'],
};
const worldOf = (more: object = {}) =>
  createCheckWorld(
    {
      issuers: { spire: { ...spire, ...more } },
      peers: { trustDomains: { 'democluster.internal': {} } },
      rules: [{ name: 'only', require: { binding: ['workload'] } }],
    },
    { now: recordedAt },
  );

test('JWT-SVID – passes from the workload it names (recorded; keys without use)', async (t) => {
  const world = await worldOf();
  const answer = await world.check({ token: read('oauthclient.jwt'), principal: oauthclient });
  isAllowed(t, answer);
  t.is(answer.decision.found.token?.kind, 'jwt-svid');
});

for (const [title, token, principal, reason] of [
  ['sent by another workload', 'oauthclient.jwt', orders, 'binding_workload_mismatch'],
  ['of another workload', 'stranger.jwt', oauthclient, 'binding_workload_mismatch'],
  ['for another audience', 'oauthclient-wrongaud.jwt', oauthclient, 'token_audience_mismatch'],
  ['without a peer', 'oauthclient.jwt', undefined, 'binding_peer_missing'],
] as const)
  test(`JWT-SVID – ${title}: refused (recorded)`, async (t) => {
    const world = await worldOf();
    isRefused(t, await world.check({ token: read(token), ...(principal && { principal }) }), reason);
  });

test('JWT-SVID – expired: refused (recorded)', async (t) => {
  const world = await worldOf();
  world.clock.now = 1_795_361_800_000;
  isRefused(
    t,
    await world.check({ token: read('oauthclient.jwt'), principal: oauthclient }),
    'token_expired',
  );
});

const signer = createSigner('ES256');
const made = { issuer: undefined, jwks: { keys: [signer.publicJwk] }, trustDomain: 'democluster.internal' };
const claims = { aud: 'https://as.example.com', exp: recordedAt / 1000 + 60, sub: oauthclient };

test('JWT-SVID – without iss: told by the trust domain of its subject (JWT-SVID §3)', async (t) => {
  const world = await worldOf(made);
  isAllowed(t, await world.check({ token: signer.sign(claims), principal: oauthclient }));
  const foreign = { ...claims, sub: 'spiffe://other.example/ns/a/sa/b' };
  isRefused(
    t,
    await world.check({ token: signer.sign(foreign), principal: oauthclient }),
    'token_issuer_unknown',
  );
});

for (const [title, more] of [
  [
    'a subject of another trust domain',
    { iss: 'https://spire.example', sub: 'spiffe://other.example/ns/a/sa/b' },
  ],
  ['a subject that is no SPIFFE ID', { iss: 'https://spire.example', sub: 'alice' }],
  [
    'a subject that is the trust domain',
    { iss: 'https://spire.example', sub: 'spiffe://democluster.internal' },
  ],
  ['no subject', { iss: 'https://spire.example', sub: undefined }],
] as const)
  test(`JWT-SVID – ${title}: refused (JWT-SVID §3.1)`, async (t) => {
    const world = await worldOf({ ...made, issuer: 'https://spire.example' });
    const token = signer.sign({ ...claims, ...more });
    isRefused(t, await world.check({ token, principal: oauthclient }), 'token_type_not_allowed');
  });

test('JWT-SVID – an issuer with `accept: at+jwt` does not accept it', async (t) => {
  const world = await worldOf({ accept: 'at+jwt' });
  isRefused(
    t,
    await world.check({ token: read('oauthclient.jwt'), principal: oauthclient }),
    'token_type_not_allowed',
  );
});
