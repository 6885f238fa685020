import { createPrivateKey } from 'node:crypto';
import test from 'ava';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { parseSigningKey, type SigningKey } from '../../src/core/internal-token/signing-key.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { minting, OWN_ISSUER, partsOf, pemKey, writeFiles } from '../support/internal-token.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS, type Mesh, received, startMesh } from '../support/mesh.ts';

/** A Transaction Token is minted where a request enters, and verified and kept where it goes on. */

const HEADER = 'txn-token';
const TRUST_DOMAIN = 'cluster.local';
const pem = pemKey();
const own = parseSigningKey(pem) as SigningKey;
const signer = createSigner('ES256', {
  kid: own.kid,
  keys: { privateKey: createPrivateKey(pem), publicKey: own.publicKey },
});
const cleanups: (() => void)[] = [];
const seen: string[] = [];
let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  const keyFiles = writeFiles({ teardown: (end) => cleanups.push(end as () => void) }, pem);
  mesh = await startMesh({
    config: () => ({
      http: { pathPrefix: '/check', xfcc: 'direct' },
      identity: minting(keyFiles, { format: 'txn-token', trustDomain: TRUST_DOMAIN }),
      peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'public', match: { paths: ['/public'] }, public: true },
        {
          name: 'inside',
          match: { destinations: [IDS.payments] },
          require: { token: 'optional', peers: [IDS.orders] },
        },
        { name: 'entry', match: { destinations: [IDS.orders] } },
      ],
    }),
    listeners: (parts) => {
      const upstream = { port: parts.app.port };
      const http = {
        http: { ports: [parts.httpPort], pathPrefix: '/check', allowedUpstreamHeaders: [HEADER] },
        allowedHeaders: ['authorization', 'x-forwarded-client-cert', HEADER],
      };
      return [
        { name: 'entry', mtls: parts.tls('orders'), upstream, extAuthz: { grpc: parts.authorizer } },
        { name: 'inside', mtls: parts.tls('payments'), upstream, extAuthz: { grpc: parts.authorizer } },
        { name: 'inside-http', mtls: parts.tls('payments'), upstream, extAuthz: http },
      ];
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
  for (const end of cleanups) end();
});

async function enter(): Promise<string> {
  const answer = await mesh.send('entry', { who: 'client', token: mesh.mint({ scope: 'orders pay' }) });
  const [text = ''] = received(answer, HEADER);
  seen.push(text);
  return text;
}

function made(more: Record<string, unknown> = {}, header: Record<string, unknown> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const text = signer.sign(
    {
      ...{ iss: OWN_ISSUER, aud: TRUST_DOMAIN, sub: 'alice', txn: 't', req_wl: 'w', scope: '' },
      ...{ iat: now, exp: now + 60, ...more },
    },
    { typ: 'txntoken+jwt', ...header },
  );
  seen.push(text);
  return text;
}

envoyTest('minted where a request enters, in the form of the draft, with a txn of its own', async (t) => {
  const [first, second] = [await enter(), await enter()];
  const { payload } = await jwtVerify(first, createLocalJWKSet({ keys: [own.published as never] }), {
    ...{ issuer: OWN_ISSUER, audience: TRUST_DOMAIN, typ: 'txntoken+jwt' },
    requiredClaims: ['iat', 'aud', 'exp', 'txn', 'sub', 'scope', 'req_wl'],
  });
  const { iat = 0, exp = 0, txn, ...rest } = payload;
  t.is(exp - iat, 60);
  t.like(mesh.peerproof.decision(String(txn)), { reason: 'allowed', rule: 'entry' });
  t.not(partsOf(second).claims.txn, txn);
  t.deepEqual(rest, {
    iss: OWN_ISSUER,
    aud: TRUST_DOMAIN,
    sub: 'alice',
    scope: 'orders pay',
    req_wl: IDS.orders,
    tctx: { client_id: 'orders-client', token_iss: mesh.issuer.issuer },
    rctx: { spiffe_id: IDS.client, bound_by: 'workload' },
  });
});

for (const listener of ['inside', 'inside-http'])
  envoyTest(`${listener}: the one that came with a request is kept unchanged`, async (t) => {
    const text = await enter();
    for (const sent of [text, text]) {
      const answer = await mesh.send(listener, { who: 'orders', headers: [['Txn-Token', sent]] });
      t.is(answer.status, 200);
      t.deepEqual(received(answer, HEADER), [text]);
      t.is(mesh.peerproof.decisions().at(-1)?.txn, partsOf(text).claims.txn);
    }
  });

envoyTest('one that came is kept also beside an access token, and none is minted', async (t) => {
  const text = await enter();
  const headers = [[HEADER, text] as const];
  const answer = await mesh.send('entry', { who: 'client', token: mesh.mint({ sub: 'bob' }), headers });
  t.deepEqual(received(answer, HEADER), [text]);
});

envoyTest('one that a client outside of the trust domain brings is replaced', async (t) => {
  const [stolen, outside] = [await enter(), await mesh.ca.issue({ dns: ['client.example.com'] })];
  const token = mesh.mint({ sub: 'bob', cnf: { 'x5t#S256': outside.thumbprint } });
  const answer = await mesh.send('entry', { who: outside, token, headers: [[HEADER, stolen]] });
  t.is(answer.status, 200);
  t.deepEqual(
    received(answer, HEADER).map((text) => partsOf(text).claims.sub),
    ['bob'],
  );
});

envoyTest('none reaches the application through a public rule, or in another spelling', async (t) => {
  const text = await enter();
  const open = await mesh.send('entry', { who: 'client', path: '/public', headers: [[HEADER, text]] });
  t.is(open.status, 200);
  t.deepEqual(received(open, HEADER), []);
  const odd = await mesh.send('inside', { who: 'orders', headers: [['txn_token', text]] });
  t.is(odd.status, 200);
  t.deepEqual([...received(odd, HEADER), ...received(odd, 'txn_token')], []);
});

const refused: [string, () => string, string][] = [
  ['expired', () => made({ exp: Math.floor(Date.now() / 1000) - 1 }), 'txn_token_expired'],
  ['for another trust domain', () => made({ aud: 'evil.example' }), 'txn_token_trust_domain_mismatch'],
  ['of another issuer', () => made({ iss: 'https://other.example.com' }), 'txn_token_untrusted'],
  ['of another type', () => made({}, { typ: 'JWT' }), 'txn_token_malformed'],
  [
    'by a stranger',
    () => {
      const [head, body] = made().split('.');
      return `${head}.${body}.${createSigner('ES256').signature(`${head}.${body}`).toString('base64url')}`;
    },
    'txn_token_untrusted',
  ],
];
for (const [title, make, reason] of refused)
  for (const listener of ['inside', 'inside-http'])
    envoyTest(`${listener}: one ${title} is refused: ${reason}`, async (t) => {
      const answer = await mesh.send(listener, { who: 'orders', headers: [[HEADER, make()]] });
      t.true([400, 403].includes(answer.status));
      t.is(mesh.peerproof.decisions().at(-1)?.reason, reason);
    });

envoyTest('a sender that the rule does not name is refused, whatever it brings', async (t) => {
  const answer = await mesh.send('inside', { who: 'thief', headers: [[HEADER, await enter()]] });
  t.is(answer.status, 403);
  t.is(mesh.decisionOf(answer).reason, 'peer_not_allowed');
});

envoyTest('no log holds a part of one', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, [...seen, ...mesh.tokens]);
});
