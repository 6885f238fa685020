import test from 'ava';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { decisionFacts } from '../../../src/core/identity/metadata.ts';
import { Revocations } from '../../../src/core/revocation/revocations.ts';
import { verifyWorkloadSender } from '../../../src/core/token/workload-sender.ts';
import { formatTime } from '../../../src/lib/time.ts';
import { createCheckWorld, NOW } from '../../support/check-world.ts';
import { type expectedRefusals, isAllowed, isRefused } from '../../support/expected-answers.ts';
import { minting, partsOf, pemKey, writeFiles } from '../../support/internal-token.ts';
import { type Claims, createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../../support/token-fixture.ts';
import {
  confirmationOf,
  createWorkloadKeys,
  digestOf,
  signWit,
  signWpt,
  witClaims,
  witConfig,
} from '../../support/wit-fixture.ts';
import { createWorkloads, SHOP, TILL, TRUST_DOMAIN } from '../../support/workload-fixture.ts';

/** An access token in `Authorization`, which the workload of a WIT beside it proves to be its own (wpt-01 §2). */

const { issuer, shop, till } = createWorkloadKeys();
const corp = createSigner('ES256');
const { till: tillCertificate, gateway } = await createWorkloads();
const config: ConfigInput = {
  ...witConfig(issuer),
  issuers: { ...witConfig(issuer).issuers, corp: inlineIssuer([corp]) },
  peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
  clients: { shop: [SHOP], till: [TILL] },
  wit: { origins: { 'orders.example.com': 'https://orders.example.com' }, drafts: ['wpt-01'] },
  rules: [
    { name: 'either', match: { paths: ['/either'] }, require: { binding: ['workload', 'wit'] } },
    {
      name: 'observed',
      mode: 'observe',
      match: { paths: ['/observed'] },
      require: { issuers: ['corp'], binding: ['wit'], peers: [TILL] },
    },
    { name: 'token', require: { issuers: ['corp'], binding: ['wit'] } },
  ],
};
const world = await createCheckWorld(config);
type Reason = keyof typeof expectedRefusals;

interface Parts {
  token?: string;
  wit?: string | undefined;
  claims?: Claims;
  holder?: typeof shop;
  path?: string;
  certificate?: typeof gateway;
  to?: typeof world;
}

function send({
  token = own(),
  wit = signWit(issuer, witClaims(shop)),
  claims = {},
  holder = shop,
  path,
  certificate,
  to = world,
}: Parts = {}) {
  const aud = `https://orders.example.com${path ?? '/orders'}`;
  const proof = signWpt(holder, wit, { ath: digestOf(token), aud, ...claims });
  return to.check({
    token,
    headers: { 'workload-identity-token': wit, 'workload-proof-token': proof },
    ...(path !== undefined && { path }),
    ...(certificate && { certificate }),
  });
}
const own = (claims: Claims = {}) => corp.sign(goodClaims({ client_id: 'shop', ...claims }));

const owned: [string, Claims][] = [
  ['of its client', {}],
  ['whose subject it is', { client_id: undefined, sub: SHOP }],
  ['whose actor it is', { client_id: undefined, act: { sub: SHOP } }],
];
for (const [title, claims] of owned)
  test(`wit beside a token – the workload proves a token ${title}`, async (t) => {
    const answer = await send({ token: own(claims) });
    isAllowed(t, answer);
    t.is(answer.decision.found.boundBy, 'wit');
    t.is(answer.decision.found.token?.kind, 'access-token');
    t.is(answer.decision.found.sender?.subject, SHOP);
  });

test('wit beside a token – the application learns who the sender is, and the peer is not taken for it', async (t) => {
  const token = own();
  const wit = signWit(issuer, witClaims(shop));
  const proof = signWpt(shop, wit, { ath: digestOf(token) });
  const headers = { 'workload-identity-token': wit, 'workload-proof-token': proof };
  const answer = await world.check({ token, headers, certificate: tillCertificate });
  isAllowed(t, answer);
  const { identity } = answer.decision as { identity: { set: readonly (readonly [string, string])[] } };
  t.is(new Map(identity.set).get('x-spiffe-id'), SHOP);
  t.is(decisionFacts(answer.decision).workload, SHOP);
});

const stolen: [string, Parts, Reason][] = [
  ['the token of another client', { token: own({ client_id: 'till' }) }, 'binding_workload_mismatch'],
  [
    'the token of another workload',
    { token: own({ client_id: undefined, sub: TILL }) },
    'binding_workload_mismatch',
  ],
  [
    'a token where another workload acts',
    { token: own({ act: { sub: TILL } }) },
    'binding_workload_mismatch',
  ],
  ['a token of nobody', { token: own({ client_id: undefined }) }, 'binding_missing'],
  [
    'the token with the WIT of the thief',
    { wit: signWit(issuer, witClaims(till, { sub: TILL })), holder: till },
    'binding_workload_mismatch',
  ],
  ['token and WIT with the proof of the thief', { holder: till }, 'proof_signature_invalid'],
  ['the proof of another token', { claims: { ath: digestOf(own({ jti: 'x' })) } }, 'proof_token_mismatch'],
  ['a proof of no token', { claims: { ath: undefined } }, 'proof_token_mismatch'],
  ['a proof of another WIT', { claims: { wth: digestOf('x') } }, 'proof_token_mismatch'],
  ['a proof for another target', { claims: { aud: 'https://x.test/orders' } }, 'proof_target_mismatch'],
  ['a proof that has expired', { claims: { exp: NOW / 1000 - 60 } }, 'proof_expired'],
  [
    'a WIT that has expired',
    { wit: signWit(issuer, witClaims(shop, { exp: NOW / 1000 - 60 })) },
    'token_expired',
  ],
  ['a WIT of another issuer', { wit: signWit(corp, witClaims(shop)) }, 'token_key_unknown'],
  [
    'an access token as WIT',
    { wit: own({ sub: SHOP, cnf: confirmationOf(shop) }) },
    'token_type_not_allowed',
  ],
  [
    'a token that is bound to a certificate',
    { token: own({ cnf: { 'x5t#S256': digestOf('x') } }) },
    'confirmation_unproven',
  ],
  [
    'a token that is bound to the key itself',
    { token: own({ cnf: confirmationOf(shop) }) },
    'confirmation_unproven',
  ],
];
for (const [title, parts, reason] of stolen)
  test(`wit beside a token – denies ${title}`, async (t) => {
    const answer = await send(parts);
    isRefused(t, answer, reason);
    t.is(answer.decision.found.boundBy, undefined);
    t.is(answer.decision.found.sender, undefined);
  });

test('wit beside a token – denies a token without a WIT, and two WITs', async (t) => {
  const token = own();
  isRefused(t, await world.check({ token }), 'binding_missing');
  const wit = signWit(issuer, witClaims(shop));
  const proof = { 'workload-proof-token': signWpt(shop, wit, { ath: digestOf(token) }) };
  isRefused(t, await world.check({ token, headers: proof }), 'binding_missing');
  const twice = { ...proof, 'workload-identity-token': `${wit},${wit}` };
  isRefused(t, await world.check({ token, headers: twice }), 'authorization_ambiguous');
});

test('wit beside a token – a WIT alone is not an access token', async (t) => {
  const wit = signWit(issuer, witClaims(shop));
  const headers = { 'workload-identity-token': wit, 'workload-proof-token': signWpt(shop, wit) };
  isRefused(t, await world.check({ headers }), 'token_missing');
  isRefused(t, await send({ token: wit, wit }), 'token_type_not_allowed');
});

test('wit beside a token – the peer may prove it too, and then no WIT is needed', async (t) => {
  const answer = await world.check({ token: own(), principal: SHOP, path: '/either' });
  isAllowed(t, answer);
  t.is(answer.decision.found.boundBy, 'workload');
  const proven = await send({ path: '/either' });
  isAllowed(t, proven);
  t.is(proven.decision.found.boundBy, 'wit');
  const stranger = await world.check({ token: own(), principal: TILL, path: '/either' });
  isRefused(t, stranger, 'binding_workload_mismatch');
});

test('wit beside a token – where a rule is observed, the sender is shown only if the proof holds', async (t) => {
  for (const [holder, id, boundBy] of [
    [shop, SHOP, 'wit'],
    [till, undefined, undefined],
  ] as const) {
    const { decision } = await send({ path: '/observed', holder });
    t.is(decision.reason, 'observed');
    const { identity } = decision as { identity: { set: readonly (readonly [string, string])[] } };
    t.is(new Map(identity.set).get('x-spiffe-id'), id);
    t.is(decision.found.boundBy, boundBy);
  }
});

test('wit beside a token – a proof holds once', async (t) => {
  isAllowed(t, await send({ claims: { jti: 'a' } }));
  isRefused(t, await send({ claims: { jti: 'a' } }), 'proof_replayed');
});

test('wit beside a token – a WIT that was revoked proves nothing', async (t) => {
  const limits = { memory: 10_000, maxStaleness: 1_000, onOutage: 'useKnown' } as const;
  const revocations = new Revocations(() => limits);
  revocations.add({ kind: 'jti', value: 'gone', until: NOW + 60_000, by: 'a test' }, NOW);
  const verify = (jti: string) => {
    const headers = { 'workload-identity-token': signWit(issuer, { ...witClaims(shop), jti }) };
    const request = { method: 'GET', host: 'orders.example.com', path: '/orders', headers };
    const moment = { now: NOW, deadline: Number.POSITIVE_INFINITY };
    return verifyWorkloadSender(request, { ...world.policy, revocations }, moment);
  };
  t.like(await verify('gone'), { reason: 'token_revoked' });
  t.like(await verify('here'), { token: { subject: SHOP } });
});

test('wit beside a token – the tokens of a workload are revoked, also those that it sends with a new WIT', async (t) => {
  const [file = ''] = writeFiles(
    t,
    `${JSON.stringify({ kind: 'spiffeId', value: SHOP, issuedBefore: formatTime(NOW), until: '2100-01-01T00:00:00Z', by: 'a test' })}\n`,
  );
  const to = await createCheckWorld({ ...config, revocation: { file } });
  t.teardown(() => to.stop());
  const wit = signWit(issuer, witClaims(shop, { iat: NOW / 1000 }));
  isRefused(t, await send({ to, wit, token: own({ iat: NOW / 1000 - 1 }) }), 'token_revoked');
  isAllowed(t, await send({ to, wit, token: own({ iat: NOW / 1000 }) }));
});

test('wit beside a token – the internal token names the workload, and not the gateway in front of it', async (t) => {
  const to = await createCheckWorld({
    ...config,
    clients: { shop: [SHOP, TILL] },
    identity: minting(writeFiles(t, pemKey()), { audiences: { 'orders.example.com': 'orders' } }),
  });
  t.teardown(() => to.stop());
  const token = own();
  for (const [holder, sub] of [
    [shop, SHOP],
    [till, TILL],
  ] as const) {
    const answer = await send({
      to,
      token,
      holder,
      wit: signWit(issuer, witClaims(holder, { sub })),
      certificate: gateway,
    });
    isAllowed(t, answer);
    const { identity } = answer.decision as { identity: { set: readonly (readonly [string, string])[] } };
    const { claims } = partsOf(new Map(identity.set).get('x-peerproof-token') ?? '');
    t.is(claims.spiffe_id, sub);
  }
});
