import { type Case, claims, each, type Group } from '../case.ts';
import { SHOP, TILL } from '../fixture.ts';

const user = 'x-auth-request-user';
const groups = 'x-auth-request-groups';

/** The claim passes, and this is what the application gets. */
const shows = (more: Record<string, unknown>, headers: Readonly<Record<string, string | null>>): Case =>
  claims(more, 'allowed', { seen: { headers } });

/** Token and headers together are more than the application of the tests takes. */
const tooMuch = { envoy: { cannot: 'the application behind this Envoy takes 16 KB of headers' } } as const;

export const group: Group = {
  number: 11,
  title: 'Identity headers',
  items: {
    'claims that a rule asks for': {
      source: 'docs/rules.md: claims; RFC 6901',
      cases: each(
        [
          ['both as asked', { tenant: 'blue', realm: { roles: ['owner'] } }, 'allowed'],
          ['one in other letters', { tenant: 'Blue', realm: { roles: ['owner'] } }, 'claim_mismatch'],
          ['one with a Cyrillic e', { tenant: 'blu\u0435', realm: { roles: ['owner'] } }, 'claim_mismatch'],
          [
            'one in full width',
            { tenant: '\uff42\uff4c\uff55\uff45', realm: { roles: ['owner'] } },
            'claim_mismatch',
          ],
          [
            'one that is a text with a comma',
            { tenant: 'blue,green', realm: { roles: ['owner'] } },
            'claim_mismatch',
          ],
          [
            'one that is a list that holds it',
            { tenant: ['green', 'blue'], realm: { roles: ['owner'] } },
            'allowed',
          ],
          [
            'one that is an object',
            { tenant: { blue: 'blue' }, realm: { roles: ['owner'] } },
            'claim_mismatch',
          ],
          ['the roles in one text', { tenant: 'blue', realm: { roles: 'owner admin' } }, 'claim_mismatch'],
          [
            'the roles under a name with a slash',
            { tenant: 'blue', 'realm/roles': ['owner'] },
            'claim_mismatch',
          ],
          [
            'the roles in a list of realms',
            { tenant: 'blue', realm: [{ roles: ['owner'] }] },
            'claim_mismatch',
          ],
        ] as const,
        ([what, more, reason]) => [
          what,
          { send: (f) => ({ path: '/claims', token: f.sign(more) }), reason } satisfies Case,
        ],
      ),
    },
    'claims that a condition compares': {
      source: 'docs/rules.md: two missing values never compare equal',
      cases: {
        'equal to the header': {
          send: (f) => ({
            path: '/condition',
            token: f.sign({ tenant: 'blue' }),
            headers: [['x-tenant', 'blue']],
          }),
          reason: 'allowed',
        },
        'another than the header': {
          send: (f) => ({
            path: '/condition',
            token: f.sign({ tenant: 'blue' }),
            headers: [['x-tenant', 'green']],
          }),
          reason: 'condition_not_met',
        },
        'the header twice': {
          send: (f) => ({
            path: '/condition',
            token: f.sign({ tenant: 'blue' }),
            headers: [
              ['x-tenant', 'blue'],
              ['x-tenant', 'green'],
            ],
          }),
          reason: 'condition_not_met',
        },
        'the header with _': {
          send: (f) => ({
            path: '/condition',
            token: f.sign({ tenant: 'blue' }),
            headers: [['x_tenant', 'blue']],
          }),
          reason: 'condition_failed',
        },
        neither: { send: (f) => ({ path: '/condition', token: f.token }), reason: 'condition_failed' },
        'both empty': {
          send: (f) => ({ path: '/condition', token: f.sign({ tenant: '' }), headers: [['x-tenant', '']] }),
          reason: 'condition_failed',
        },
        'a number': {
          send: (f) => ({ path: '/condition', token: f.sign({ tenant: 1 }), headers: [['x-tenant', '1']] }),
          reason: 'condition_not_met',
        },
        null: {
          send: (f) => ({ path: '/condition', token: f.sign({ tenant: null }) }),
          reason: 'condition_failed',
        },
      },
    },
    'a rule that needs no token, with one': {
      source: 'docs/rules.md: token optional; CWE-290',
      cases: {
        'no token': {
          send: () => ({ path: '/optional', headers: [[user, 'admin']] }),
          reason: 'anonymous',
          seen: { headers: { [user]: null } },
        },
        'no token, and a password': {
          send: () => ({ path: '/optional', headers: [['authorization', 'Basic YTpi']] }),
          reason: 'anonymous',
          seen: { headers: { [user]: null } },
        },
        'no token, and a sender': {
          send: (f) => ({ path: '/optional', sender: f.senders.shop, headers: [[user, 'admin']] }),
          reason: 'anonymous',
          seen: { headers: { [user]: null, 'x-spiffe-id': SHOP } },
        },
        'a token of its sender': {
          send: (f) => ({ path: '/optional', sender: f.senders.shop, token: f.bound() }),
          reason: 'allowed',
          seen: { headers: { [user]: 'alice' } },
        },
        'a stolen token': {
          send: (f) => ({ path: '/optional', sender: f.senders.till, token: f.bound() }),
          reason: 'binding_certificate_mismatch',
        },
        'a token that has expired': {
          send: (f) => ({ path: '/optional', token: f.sign({ exp: 1 }) }),
          reason: 'token_expired',
        },
        'two tokens': {
          send: (f) => ({
            path: '/optional',
            headers: [['authorization', `Bearer ${f.token}, Bearer ${f.token}`]],
          }),
          reason: 'authorization_ambiguous',
        },
        'an empty token': {
          send: () => ({ path: '/optional', headers: [['authorization', 'Bearer ']] }),
          reason: 'authorization_malformed',
        },
      },
    },
    'a refusal that is only observed': {
      source: 'docs/rules.md: mode observe; CWE-290',
      cases: {
        'no token': {
          send: () => ({ path: '/observed', headers: [[user, 'admin']] }),
          reason: 'observed',
          seen: { headers: { [user]: null } },
        },
        'a stolen token': {
          send: (f) => ({
            path: '/observed',
            sender: f.senders.till,
            token: f.bound(),
            headers: [
              [user, 'alice'],
              ['x_auth_request_user', 'alice'],
            ],
          }),
          reason: 'observed',
          seen: { headers: { [user]: null, 'x-spiffe-id': TILL } },
        },
        'a token that a stranger signed': {
          send: (f) => ({
            path: '/observed',
            sender: f.senders.shop,
            token: f.keys.stranger.sign({ iss: f.issuers.corp, sub: 'admin', aud: 'orders' }),
          }),
          reason: 'observed',
          seen: { headers: { [user]: null, 'x-spiffe-id': SHOP } },
        },
        'a path that is read in two ways': {
          send: (f) => ({ path: '/observed;x', token: f.token }),
          reason: 'path_ambiguous',
        },
      },
    },
    '64 KB of groups': {
      source: 'CWE-400; Envoy: 60 KiB after mutation is a 500',
      cases: {
        '64 KB': {
          ...claims(
            { groups: Array.from({ length: 6_000 }, (_, number) => `group-${number}`) },
            'token_too_large',
          ),
          envoy: { refuses: 431 },
        },
        '9 KB: longer than a header may be, and removed': {
          ...shows(
            { groups: Array.from({ length: 1_000 }, (_, number) => `group-${number}`) },
            { [groups]: null, [user]: 'alice' },
          ),
          ...tooMuch,
        },
        '8,192 characters': {
          ...shows({ groups: ['x'.repeat(8_192)] }, { [groups]: 'x'.repeat(8_192) }),
          ...tooMuch,
        },
        '8,193 characters': shows({ groups: ['x'.repeat(8_193)] }, { [groups]: null }),
        'three times as long in the header': shows({ sub: '\u00e9'.repeat(1_400) }, { [user]: null }),
        'a thousand empty groups': shows(
          { groups: Array.from({ length: 1_000 }, () => '') },
          { [groups]: null },
        ),
        'each header as long as it may be': {
          ...shows(
            { sub: 's'.repeat(2_700), email: 'e'.repeat(2_700), groups: ['g'.repeat(2_700)] },
            { [user]: 's'.repeat(2_700) },
          ),
          world: 'oauth2',
          ...tooMuch,
        },
      },
    },
  },
};
