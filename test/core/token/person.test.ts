import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { presetNames } from '../../../src/core/identity/presets.ts';
import { createPersonPolicy, type PersonSettings, readPerson } from '../../../src/core/token/person.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { createTokenWorld, goodClaims } from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
const world = await createTokenWorld([signer]);

const defaults: PersonSettings = {
  preset: 'standard',
  claims: { email: 'email', preferredUsername: 'preferred_username', groups: 'groups' },
  allowInsecureUnverifiedEmail: false,
};
type Changes = Partial<Omit<PersonSettings, 'claims'>> & { claims?: Partial<PersonSettings['claims']> };

/** The person of a token that went through the real reader. */
async function read(claims: Record<string, unknown>, changes: Changes = {}) {
  const { decision } = await world.check({ token: signer.sign(goodClaims(claims)) });
  const { token } = decision.found;
  if (!token) throw new TypeError(decision.reason);
  const settings = { ...defaults, ...changes, claims: { ...defaults.claims, ...changes.claims } };
  return readPerson(token, createPersonPolicy(settings));
}

test('person – of an ordinary token, in the words of OpenID Connect Core §5.1', async (t) => {
  const claims = { email: 'a@b.example', preferred_username: 'Alice', groups: ['x', 'y'] };
  const person = { user: 'alice', email: 'a@b.example', preferredUsername: 'Alice', groups: ['x', 'y'] };
  for (const preset of presetNames) t.deepEqual(await read(claims, { preset }), person, preset);
});

test('person – without an address: the preset oauth2-proxy uses sub, standard uses none', async (t) => {
  const nobody = { user: 'alice', preferredUsername: undefined, groups: [] };
  t.deepEqual(await read({}), { ...nobody, email: undefined });
  t.deepEqual(await read({}, { preset: 'oauth2-proxy' }), { ...nobody, email: 'alice' });
});

test('person – without sub there is no user, and the preset oauth2-proxy has no address', async (t) => {
  const nobody = { user: undefined, email: undefined, preferredUsername: undefined, groups: [] };
  for (const preset of presetNames) t.deepEqual(await read({ sub: undefined }, { preset }), nobody, preset);
});

for (const [title, email] of [
  ['empty', ''],
  ['a list', ['a@b.example']],
  ['a number', 7],
  ['null', null],
  ['an object', { value: 'a@b.example' }],
  ['true', true],
] as const)
  test(`person – an address that is ${title} is ignored`, async (t) => {
    t.like(await read({ email }), { email: undefined });
    t.like(await read({ email }, { preset: 'oauth2-proxy' }), { email: 'alice' });
  });

/** What issuers write for "no", or for nothing; OpenID Connect Core §5.1 knows only the first. */
for (const verified of [false, 'false', 'False', 'FALSE', 'no', '0', 0, '', null] as const) {
  const claims = { email: 'a@b.example', email_verified: verified };
  const written = JSON.stringify(verified);

  test(`person – email_verified ${written}: standard leaves the address out (OpenID Connect Core §5.1)`, async (t) => {
    t.like(await read(claims), { user: 'alice', email: undefined });
  });

  test(`person – email_verified ${written}: oauth2-proxy refuses the token`, async (t) => {
    const denial = await read(claims, { preset: 'oauth2-proxy' });
    t.true(denial instanceof Denial && denial.reason === 'email_not_verified');
  });

  test(`person – email_verified ${written} is ignored if the setting says so, or for another claim`, async (t) => {
    for (const preset of presetNames) {
      t.like(await read(claims, { preset, allowInsecureUnverifiedEmail: true }), { email: 'a@b.example' });
      const other = await read({ ...claims, mail: 'c@d.example' }, { preset, claims: { email: 'mail' } });
      t.like(other, { email: 'c@d.example' }, preset);
    }
  });
}

test('person – an address of which the issuer does not say that it is verified: oauth2-proxy alone believes it', async (t) => {
  const claims = { email: 'a@b.example', email_verified: undefined };
  t.like(await read(claims), { user: 'alice', email: undefined });
  t.like(await read(claims, { claims: { email: '/email' } }), { email: undefined });
  t.like(await read(claims, { preset: 'oauth2-proxy' }), { email: 'a@b.example' });
  t.like(await read(claims, { allowInsecureUnverifiedEmail: true }), { email: 'a@b.example' });
  t.like(await read({ ...claims, upn: 'c@d.example' }, { claims: { email: 'upn' } }), {
    email: 'c@d.example',
  });
});

for (const verified of [true, 'true'] as const)
  test(`person – email_verified ${JSON.stringify(verified)}: the address counts`, async (t) => {
    for (const preset of presetNames)
      t.like(await read({ email: 'a@b.example', email_verified: verified }, { preset }), {
        email: 'a@b.example',
      });
  });

test('person – with oauth2-proxy, an unverified address refuses the token even if it is not a text', async (t) => {
  const denial = await read({ email: 7, email_verified: false }, { preset: 'oauth2-proxy' });
  t.true(denial instanceof Denial);
});

test('person – by JSON pointer (RFC 6901 §4)', async (t) => {
  const claims = {
    profile: { mail: 'a@b.example', 'nick/name': 'Al' },
    realm_access: { roles: ['admin', 'user'] },
    email: 'other@b.example',
    groups: ['other'],
  };
  const person = await read(claims, {
    claims: {
      email: '/profile/mail',
      preferredUsername: '/profile/nick~1name',
      groups: '/realm_access/roles',
    },
  });
  t.deepEqual(person, {
    user: 'alice',
    email: 'a@b.example',
    preferredUsername: 'Al',
    groups: ['admin', 'user'],
  });
});

test('person – email_verified does not concern an address found by a pointer, except /email', async (t) => {
  const claims = { profile: { mail: 'a@b.example' }, email: 'c@d.example', email_verified: false };
  t.like(await read(claims, { claims: { email: '/profile/mail' } }), { email: 'a@b.example' });
  // The same claim under its longer name: the issuer's word about it is the same.
  t.like(await read(claims, { claims: { email: '/email' } }), { email: undefined });
});

test('person – a pointer to a missing value, into a list or into a prototype finds nothing', async (t) => {
  for (const email of ['/profile/none', '/groups/0', '/constructor/name', '/__proto__', '/email/length'])
    t.like(await read({ email: 'a@b.example', groups: ['x'], profile: {} }, { claims: { email } }), {
      email: undefined,
    });
});

test('person – a dot is part of a name and no path: of oauth2-proxy it becomes /realm_access/roles', async (t) => {
  const claims = { realm_access: { roles: ['admin'] } };
  t.like(await read(claims, { claims: { groups: 'realm_access.roles' } }), { groups: [] });
  t.like(await read(claims, { claims: { groups: '/realm_access/roles' } }), { groups: ['admin'] });
});

const groups: [string, unknown, readonly string[]][] = [
  ['a list', ['x', 'y'], ['x', 'y']],
  ['a text: one group', 'x', ['x']],
  ['a text with a comma: one group', 'x,y', ['x,y']],
  ['an empty text', '', []],
  ['an empty list', [], []],
  ['absent', undefined, []],
  ['null', null, []],
  ['a number', 7, []],
  ['an object', { x: true }, []],
  ['a mixed list: its texts', ['x', 7, null, true, { y: 1 }, ['z'], '', 'w'], ['x', 'w']],
];
for (const [title, value, expected] of groups)
  test(`person – groups: ${title}`, async (t) => {
    for (const preset of presetNames) t.like(await read({ groups: value }, { preset }), { groups: expected });
  });

test('person – is read once from a token that serves several checks, and anew for other settings', async (t) => {
  const sent = signer.sign(goodClaims({ email: 'a@b.example', email_verified: true, mail: 'c@d.example' }));
  await world.check({ token: sent });
  const { token } = (await world.check({ token: sent })).decision.found;
  if (!token) throw new TypeError('the token was refused');
  t.truthy(token.digest);
  const settings = createPersonPolicy(defaults);
  const person = readPerson(token, settings);
  t.is(readPerson(token, settings), person);
  t.like(person, { email: 'a@b.example' });
  const others = createPersonPolicy({ ...defaults, claims: { ...defaults.claims, email: 'mail' } });
  t.like(readPerson(token, others), { email: 'c@d.example' });
});
