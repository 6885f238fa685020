import test from 'ava';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { type PresetName, presetNames, presets } from '../../../src/core/identity/presets.ts';
import { createCheckWorld } from '../../support/check-world.ts';
import { isAllowed } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { headersAtApplication } from '../../support/proxied-headers.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { anyBearer, goodClaims, ISSUER, inlineIssuer } from '../../support/token-fixture.ts';
import { createWorkloads, SHOP, TRUST_DOMAIN, xfccOf } from '../../support/workload-fixture.ts';

const signer = createSigner('ES256');
const { shop } = await createWorkloads();
const worldOf = (identity: ConfigInput['identity']) =>
  createCheckWorld({
    issuers: { corp: inlineIssuer([signer]) },
    peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
    identity,
    rules: [{ name: 'public', match: { paths: ['/healthz'] }, public: true }, anyBearer],
  });
const worlds = {
  standard: await worldOf({ preset: 'standard', passAccessToken: true }),
  'oauth2-proxy': await worldOf({ preset: 'oauth2-proxy', passAccessToken: true }),
};

const full = {
  sub: 'alice',
  email: 'alice@example.com',
  preferred_username: 'Alice',
  groups: ['staff', 'buyers'],
  scope: 'orders.read orders.write',
  client_id: 'shop',
  act: { sub: 'till', act: { sub: 'bob' } },
};
const token = signer.sign(goodClaims(full));
const xfcc = xfccOf(shop, SHOP);

/** Written down a second time: each header, and what it is for that token, from that workload. */
const standard: Record<string, string | undefined> = {
  'x-auth-request-user': 'alice',
  'x-auth-request-email': 'alice@example.com',
  'x-auth-request-preferred-username': 'Alice',
  'x-auth-request-groups': 'staff,buyers',
  'x-auth-request-scope': 'orders.read orders.write',
  'x-auth-request-client-id': 'shop',
  'x-auth-request-actor': 'till',
  'x-auth-request-issuer': ISSUER,
  'x-auth-request-access-token': token,
  'x-kubernetes-namespace': undefined,
  'x-kubernetes-service-account': undefined,
  'x-kubernetes-pod': undefined,
  'x-spiffe-id': SHOP,
  'x-forwarded-client-cert': xfcc,
  'x-client-certificate': undefined,
};
const expected: Record<PresetName, Record<string, string | undefined>> = {
  standard,
  'oauth2-proxy': {
    ...standard,
    'gap-auth': 'alice@example.com',
    'x-forwarded-user': 'alice',
    'x-forwarded-email': 'alice@example.com',
    'x-forwarded-preferred-username': 'Alice',
    'x-forwarded-groups': 'staff,buyers',
    'x-forwarded-access-token': token,
  },
};

/** What an application might take for the name: CGI and WSGI write _ for -, and many know no case. */
const spellings = (name: string) => [
  name,
  name.replaceAll('-', '_'),
  name.replace('-', '_'),
  name.replace(/-([^-]*)$/, '_$1'),
  name.toUpperCase(),
  name.replaceAll('-', '_').toUpperCase(),
  name.replace(/(^|-)./g, (start) => start.toUpperCase()),
  name.replaceAll('-', '_').replace(/^./, (start) => start.toUpperCase()),
];
const forge = (names: readonly string[]) =>
  Object.fromEntries(names.flatMap(spellings).map((name) => [name, 'forged']));
const plain = (name: string) => name.toLowerCase().replaceAll('_', '-');

for (const preset of presetNames) {
  const names = Object.keys(expected[preset]);
  const world = worlds[preset];

  test(`preset ${preset} – has these headers and no others`, (t) => {
    t.deepEqual(Object.keys(presets[preset]).toSorted(), names.toSorted());
  });

  test(`preset ${preset} – each header is what was proven, in place of every spelling that the client sent`, async (t) => {
    const sent = { ...forge(names), 'x-forwarded-client-cert': xfcc, 'X-Forwarded-Client-Cert': xfcc };
    const answer = await world.check({ token, headers: sent, certificate: shop });
    isAllowed(t, answer);
    const { authorization: _, ...left } = headersAtApplication(sent, answer.response);
    const set = Object.fromEntries(
      Object.entries(expected[preset]).filter(([, value]) => value !== undefined),
    );
    t.deepEqual(left, set);
  });

  test(`preset ${preset} – on a public route all are removed and none is set, a token in the request notwithstanding`, async (t) => {
    const sent = forge(names);
    const answer = await world.check({ token, headers: sent, path: '/healthz' });
    t.is(answer.decision.reason, 'public');
    t.deepEqual(answer.response.okResponse?.headers ?? [], []);
    t.deepEqual(headersAtApplication(sent, answer.response), {});
  });

  for (const name of names)
    test(`preset ${preset} – a forged ${name} reaches the application in no spelling`, async (t) => {
      const bare = signer.sign(goodClaims({ sub: undefined }));
      for (const spelling of new Set(spellings(name))) {
        const sent = { [spelling]: 'forged', 'x-other': 'kept' };
        const answer = await world.check({ token: bare, headers: sent });
        // A forged certificate may refuse the request instead.
        if (answer.decision.effect !== 'allow') continue;
        const left = headersAtApplication(sent, answer.response);
        t.is(left['x-other'], 'kept');
        const forged = Object.entries(left).filter(
          ([key, value]) => plain(key) === name && value === 'forged',
        );
        t.deepEqual(forged, [], spelling);
      }
    });

  test(`preset ${preset} – set or removed, never both and never neither, whatever is in the token (300 random tokens)`, async (t) => {
    const random = seededRandom(17);
    for (let time = 0; time < 300; time++) {
      const claims = {
        sub: random.pick([undefined, `s${random.text(8)}`]),
        email: random.pick([undefined, 1, random.text(8)]),
        preferred_username: random.pick([null, random.text(8)]),
        groups: random.pick([undefined, [], [random.text(8), random.text(3)], random.text(9), 7]),
        scope: random.pick([undefined, random.text(8), [random.text(3)]]),
        client_id: random.pick([undefined, random.text(8)]),
      };
      const spelling = random.pick(names).replaceAll('-', () => random.pick(['-', '_']));
      const answer = await world.check({
        token: signer.sign(goodClaims(claims)),
        headers: spelling.includes('_') ? { [spelling]: 'forged' } : {},
      });
      isAllowed(t, answer);
      const { headers = [], headersToRemove = [] } = answer.response.okResponse ?? {};
      const set = headers.map(({ header }) => header?.key ?? '');
      t.is(new Set(set).size, set.length);
      t.is(new Set(headersToRemove).size, headersToRemove.length);
      for (const name of names) {
        t.true(set.includes(name) !== headersToRemove.includes(name), name);
        t.true(headersToRemove.includes(name.replaceAll('-', '_')), name);
      }
      if (spelling.includes('_')) t.true(headersToRemove.includes(spelling), spelling);
      t.deepEqual(
        set.filter((name) => !names.includes(name)),
        [],
      );
      for (const { header } of headers) t.regex(header?.value ?? '', /^[!-~](?:[ -~]*[!-~])?$/);
    }
  });
}

test('preset oauth2-proxy – gap-auth and the address are sub where there is no address', async (t) => {
  const { response } = await worlds['oauth2-proxy'].check({ token: signer.sign(goodClaims()) });
  t.like(headersAtApplication({}, response), {
    'gap-auth': 'alice',
    'x-forwarded-email': 'alice',
    'x-auth-request-email': 'alice',
  });
});

test('preset standard – knows nothing of the names that only oauth2-proxy has, and leaves them to the client', async (t) => {
  const sent = { 'gap-auth': 'own', 'x-forwarded-user': 'own' };
  const { response } = await worlds.standard.check({ token, headers: sent });
  t.like(headersAtApplication(sent, response), sent);
});
