import test from 'ava';
import { bindingNames } from '../../src/core/binding/bind.ts';
import { reasons } from '../../src/core/reasons.ts';
import { assertionTypes } from '../../src/core/token/client-assertion.ts';
import { credentialNames } from '../../src/core/token/credential.ts';
import { createCheckWorld, type Presented } from '../support/check-world.ts';
import { createDpopClient } from '../support/dpop-client.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { goodClaims, inlineIssuer, NOW_SECONDS } from '../support/token-fixture.ts';
import {
  createWorkloadKeys,
  digestOf,
  signWit,
  signWpt,
  witClaims,
  witConfig,
} from '../support/wit-fixture.ts';
import { createWorkloads, SHOP, TRUST_DOMAIN } from '../support/workload-fixture.ts';

/** One row for each way in which a request passes. A new proof, credential or reason needs its row here. */

const keys = createWorkloadKeys();
const [corp, spire] = [createSigner('ES256'), createSigner('ES256')];
const { shop } = await createWorkloads();
const client = await createDpopClient();
const server = 'https://login.example.com';
const base = witConfig(keys.issuer);
const at = (path: string, require: object, more: object = {}) => ({
  name: path.slice(1),
  match: { paths: [path] },
  require,
  ...more,
});
const world = await createCheckWorld({
  ...base,
  issuers: {
    ...base.issuers,
    corp: inlineIssuer([corp]),
    mesh: {
      accept: 'jwt-svid',
      trustDomain: TRUST_DOMAIN,
      audiences: [server],
      jwks: { keys: [spire.publicJwk] },
    },
  },
  peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
  clients: { shop: [SHOP] },
  wit: { ...base.wit, drafts: ['wpt-01'] },
  resourceMetadata: [
    { resource: 'https://orders.example.com/described', document: { authorization_servers: [server] } },
  ],
  rules: [
    ...bindingNames.map((name) => at(`/${name}`, { binding: [name], issuers: ['corp'] })),
    at('/token', { credential: 'wit' }),
    at('/assertion', { credential: 'client-assertion', authorizationServer: server }),
    at('/certificate-token', { credential: 'client-certificate' }),
    at('/optional', { token: 'optional' }),
    at('/observed', {}, { mode: 'observe' }),
    { name: 'public', match: { paths: ['/public'] }, public: true },
  ] as never,
});

const form = (path: string, body: string): Presented => ({
  ...{ method: 'POST', path, certificate: shop, body },
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
});
const svid = spire.sign({ sub: SHOP, aud: [server], exp: NOW_SECONDS + 300 }, { typ: 'JWT' });
const type = encodeURIComponent('urn:ietf:params:oauth:client-assertion-type:');
const assertion = (name: string) =>
  form(
    '/assertion',
    `client_id=shop&client_assertion_type=${type}${name}&client_assertion=${svid}&grant_type=x`,
  );
const own = corp.sign(goodClaims({ client_id: 'shop' }));
const wit = signWit(keys.issuer, witClaims(keys.shop));
const withWit = (path: string, more: object = {}) => ({
  path,
  headers: {
    'workload-identity-token': wit,
    'workload-proof-token': signWpt(keys.shop, wit, { aud: `https://orders.example.com${path}`, ...more }),
  },
});
const keyed = corp.sign(goodClaims({ cnf: { jkt: client.thumbprint } }));

const byBinding: Record<(typeof bindingNames)[number], Presented> = {
  certificate: {
    path: '/certificate',
    certificate: shop,
    token: corp.sign(goodClaims({ cnf: { 'x5t#S256': shop.thumbprint } })),
  },
  workload: { path: '/workload', certificate: shop, token: own },
  dpop: client.presents({ token: keyed, url: 'https://orders.example.com/dpop' }, { path: '/dpop' }),
  wit: { token: own, ...withWit('/wit', { ath: digestOf(own) }) },
  none: { path: '/none', token: corp.sign(goodClaims()) },
};
const byCredential: Record<(typeof credentialNames)[number], Presented> = {
  bearer: byBinding.workload,
  'client-assertion': assertion('jwt-bearer'),
  'client-certificate': form('/certificate-token', 'grant_type=x&client_id=shop'),
  wit: withWit('/token'),
};
const byAssertion: Record<(typeof assertionTypes)[number], Presented> = {
  'jwt-bearer': assertion('jwt-bearer'),
  'jwt-spiffe': assertion('jwt-spiffe'),
};

for (const name of bindingNames)
  test(`every way in – the proof ${name}, and not without it`, async (t) => {
    const sent = byBinding[name];
    const { decision } = await world.check(sent);
    t.like(decision, { effect: 'allow', reason: 'allowed', found: { boundBy: name } });
    const { path = '' } = sent;
    t.is((await world.check({ path })).decision.effect, 'deny');
    if (name !== 'none') t.is((await world.check({ path, token: own })).decision.effect, 'deny');
  });

for (const [how, ways] of Object.entries({ credential: byCredential, 'client-assertion-type': byAssertion }))
  for (const [name, sent] of Object.entries(ways))
    test(`every way in – ${how} ${name}, and not without it`, async (t) => {
      const { decision } = await world.check(sent);
      t.like(decision, { effect: 'allow', reason: 'allowed' });
      t.truthy(decision.found.boundBy);
      const { headers: _, body: __, token: ___, ...without } = sent;
      t.is((await world.check(without)).decision.effect, 'deny');
    });

test('every way in – the lists have every name, and no other reason lets a request in', async (t) => {
  const names = (of: object) => Object.keys(of).sort();
  t.deepEqual(names(byBinding), [...bindingNames].sort());
  t.deepEqual(names(byCredential), [...credentialNames].sort());
  t.deepEqual(names(byAssertion), [...assertionTypes].sort());
  const letIn = Object.entries(reasons).filter(([, { status }]) => status === 200);
  const byReason: Record<string, Presented> = {
    allowed: { ...byBinding.workload },
    public: { path: '/public' },
    anonymous: { path: '/optional' },
    observed: { path: '/observed' },
    metadata_served: { path: '/.well-known/oauth-protected-resource/described' },
  };
  t.deepEqual(names(Object.fromEntries(letIn)), names(byReason));
  for (const [reason, sent] of Object.entries(byReason))
    t.is((await world.check(sent)).decision.reason, reason as never);
});
