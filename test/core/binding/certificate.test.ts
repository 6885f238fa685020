import { readFileSync } from 'node:fs';
import test from 'ava';
import { urlEncodePem } from '../../support/ca.ts';
import { createCheckWorld, NOW } from '../../support/check-world.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { anyBearer, goodClaims, inlineIssuer } from '../../support/token-fixture.ts';
import {
  createWorkloads,
  GATEWAY,
  SHOP,
  TILL,
  TRUST_DOMAIN,
  xfccOf,
} from '../../support/workload-fixture.ts';

const signer = createSigner('ES256');
const workloads = await createWorkloads();
const { shop, shopRotated, till, gateway } = workloads;
const world = await createCheckWorld({
  issuers: { corp: inlineIssuer([signer]) },
  peers: { trustDomains: { [TRUST_DOMAIN]: {} }, gateways: [GATEWAY] },
  rules: [{ name: 'bound', require: { binding: ['certificate'] } }],
});
const token = signer.sign(goodClaims({ cnf: { 'x5t#S256': shop.thumbprint } }));
const forwarded = (...elements: string[]) => ({ 'x-forwarded-client-cert': elements.join(',') });

for (const keyType of ['ec256', 'ec384', 'rsa2048', 'ed25519'] as const)
  test(`certificate thumbprint – accepts a token bound to an ${keyType} certificate (RFC 8705 §3.1)`, async (t) => {
    const certificate = await workloads.issue({ uris: [SHOP], keyType });
    const bound = signer.sign(goodClaims({ cnf: { 'x5t#S256': certificate.thumbprint } }));
    isAllowed(t, await world.check({ token: bound, certificate }));
    isRefused(t, await world.check({ token, certificate }), 'binding_certificate_mismatch');
  });

test('certificate thumbprint – denies a token bound to another certificate (RFC 8705 §3)', async (t) => {
  isRefused(t, await world.check({ token, certificate: till }), 'binding_certificate_mismatch');
});

test('certificate thumbprint – denies it after rotation, though the workload is the same (RFC 8705 §6.3)', async (t) => {
  isRefused(t, await world.check({ token, certificate: shopRotated }), 'binding_certificate_mismatch');
});

for (const [title, claims, certificate, why] of [
  ['the same workload', { sub: SHOP }, shopRotated, 'the same workload: its certificate was rotated'],
  ['another workload', { sub: SHOP }, till, 'another workload;'],
  ['a token that does not name one', {}, till, 'it cannot be told whether it is the same workload'],
] as const)
  test(`certificate thumbprint – the log tells a rotation from a theft: ${title}`, async (t) => {
    const stolen = signer.sign(goodClaims({ ...claims, cnf: { 'x5t#S256': shop.thumbprint } }));
    const { decision } = await world.check({ token: stolen, certificate });
    const detail = 'detail' in decision ? (decision.detail ?? '') : '';
    t.true(detail.startsWith(`certificate: ${why}`), detail);
    t.true(
      detail.endsWith(`bound to ${shop.thumbprint}, the peer's thumbprint is ${certificate.thumbprint}`),
      detail,
    );
  });

test('certificate thumbprint – denies it without any certificate (RFC 8705 §3)', async (t) => {
  isRefused(t, await world.check({ token }), 'binding_peer_missing');
});

test('certificate thumbprint – the Hash of Envoy alone proves it (RFC 8705 §3.1)', async (t) => {
  isAllowed(t, await world.check({ token, headers: forwarded(xfccOf(shop, SHOP)) }));
  const other = forwarded(xfccOf(till, TILL));
  isRefused(t, await world.check({ token, headers: other }), 'binding_certificate_mismatch');
  const named = forwarded(`By=${GATEWAY};URI=${SHOP}`);
  isRefused(t, await world.check({ token, headers: named }), 'binding_certificate_mismatch');
});

test('certificate thumbprint – an element that the client put first proves nothing', async (t) => {
  const headers = forwarded(xfccOf(shop, SHOP), xfccOf(till, TILL));
  isRefused(t, await world.check({ token, headers }), 'binding_certificate_mismatch');
  const forgedBesideTheReal = await world.check({
    token,
    headers: forwarded(xfccOf(shop, SHOP)),
    certificate: till,
  });
  isRefused(t, forgedBesideTheReal, 'binding_certificate_mismatch');
});

test('certificate thumbprint – through a gateway it is the certificate of the client, not of the gateway', async (t) => {
  const headers = forwarded(xfccOf(shop, SHOP), xfccOf(gateway, GATEWAY));
  isAllowed(t, await world.check({ token, headers, certificate: gateway }));
  isAllowed(t, await world.check({ token, headers }));
  const stolen = forwarded(xfccOf(till, TILL), xfccOf(gateway, GATEWAY));
  isRefused(
    t,
    await world.check({ token, headers: stolen, certificate: gateway }),
    'binding_certificate_mismatch',
  );
});

test('certificate thumbprint – a certificate without a SPIFFE ID is a thumbprint still (RFC 8705 §3)', async (t) => {
  const { nameless } = workloads;
  const bound = signer.sign(goodClaims({ cnf: { 'x5t#S256': nameless.thumbprint } }));
  isAllowed(t, await world.check({ token: bound, certificate: nameless }));
});

test('certificate thumbprint – the right one does not help after it expired', async (t) => {
  const ended = await workloads.issue({ uris: [SHOP], notAfter: new Date(NOW - 1_000) });
  const bound = signer.sign(goodClaims({ cnf: { 'x5t#S256': ended.thumbprint } }));
  isRefused(t, await world.check({ token: bound, certificate: ended }), 'peer_certificate_expired');
});

const recorded = (name: string) =>
  readFileSync(new URL(`../../fixtures/spire-tokens/${name}`, import.meta.url), 'utf8').trim();

test('recorded SPIRE – a JWT-SVID from the workload that it names, and from no other (JWT-SVID §3.1)', async (t) => {
  const spire = await createCheckWorld(
    {
      issuers: {
        spire: {
          issuer: 'https://127.0.0.1:18443',
          audiences: ['https://as.example.com'],
          jwks: JSON.parse(recorded('jwks.json')),
        },
      },
      peers: { trustDomains: { 'democluster.internal': {} } },
      rules: [{ ...anyBearer, require: { binding: ['workload'] } }],
    },
    { now: 1_795_361_600_000 },
  );
  const pem = urlEncodePem(`${recorded('oauthclient.pem')}\n`);
  const certificate = { ...shop, urlEncodedPem: pem };
  isAllowed(t, await spire.check({ token: recorded('oauthclient.jwt'), certificate }));
  for (const stolen of ['stranger.jwt', 'orders.jwt'])
    isRefused(t, await spire.check({ token: recorded(stolen), certificate }), 'binding_workload_mismatch');
  const foreign = await spire.check({ token: recorded('oauthclient-wrongaud.jwt'), certificate });
  isRefused(t, foreign, 'token_audience_mismatch');
});
