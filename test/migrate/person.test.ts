import test from 'ava';
import { least, migrate } from './migrated.ts';

const identities: [string, string[], object][] = [
  ['the claim with the address', ['--oidc-email-claim=upn'], { claims: { email: 'upn' } }],
  ['the older option for it', ['--user-id-claim=sub'], { claims: { email: 'sub' } }],
  [
    'the newer over the older',
    ['--user-id-claim=sub', '--oidc-email-claim=upn'],
    { claims: { email: 'upn' } },
  ],
  [
    'groups at a path',
    ['--oidc-groups-claim=realm_access.roles'],
    { claims: { groups: '/realm_access/roles' } },
  ],
  [
    'groups by a URL',
    ['--oidc-groups-claim=https://a.example/groups'],
    { claims: { groups: 'https://a.example/groups' } },
  ],
  ['groups by a name with a slash', ['--oidc-groups-claim=/a~b'], { claims: { groups: '/~1a~0b' } }],
  ['the access token', ['--set-xauthrequest', '--pass-access-token'], { passAccessToken: true }],
  ['the Authorization', ['--set-authorization-header'], { passAuthorization: true }],
  [
    'unverified addresses',
    ['--insecure-oidc-allow-unverified-email'],
    { allowInsecureUnverifiedEmail: true },
  ],
  [
    'the address as the user',
    ['--prefer-email-to-user'],
    { headers: { 'x-forwarded-user': { from: 'x-forwarded-email' } } },
  ],
];
for (const [title, flags, expected] of identities)
  test(`migration – hands on ${title}`, (t) => {
    const { identity } = migrate({ flags: [...least, ...flags] }).written ?? {};
    t.deepEqual(identity, { preset: 'oauth2-proxy', ...expected });
  });

test('migration – no application gets the access token that did not get it before', (t) => {
  const migrated = migrate({ flags: [...least, '--pass-access-token'] });
  t.deepEqual(migrated.written?.identity, { preset: 'oauth2-proxy' });
});
