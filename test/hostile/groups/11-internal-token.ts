import { type Case, each, type Group, type HeaderLines } from '../case.ts';
import type { Fixture } from '../fixture.ts';

const HEADER = 'txn-token';
const spellings = ['txn-token', 'Txn-Token', 'TXN-TOKEN', 'txn_token', 'TXN_TOKEN'];

/** A Transaction Token beside the shop's own access token. */
function sent(make: (fixture: Fixture) => string, reason: Case['reason'], more: Partial<Case> = {}): Case {
  return {
    send: (f) => ({
      ...{ path: '/orders', sender: f.senders.shop, token: f.token },
      headers: [[HEADER, make(f)]],
    }),
    world: 'minting',
    reason,
    ...more,
  };
}

const claims = (more: Readonly<Record<string, unknown>>, reason: Case['reason']) =>
  sent((f) => f.transaction(more), reason);

const unsigned = (f: Fixture, alg: string): string => {
  const [head = '', body = ''] = f.transaction().split('.');
  const header = { ...JSON.parse(Buffer.from(head, 'base64url').toString()), alg };
  return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${body}.`;
};

/** What a client makes up where nothing is verified. */
const forged = each(spellings, (name) => [
  `${name} where anyone may pass`,
  {
    send: () => ({ path: '/public', headers: [[name, 'forged']] as HeaderLines }),
    ...{ world: 'minting', reason: 'public', seen: { headers: { [HEADER]: null } } },
  } satisfies Case,
]);

/** A good token of ours is not believed where its own name is not: the underscore may be the client's. */
const misspelled = each(['txn_token', 'TXN_TOKEN', 'txn.token'], (name) => [
  `${name} with a token of ours, without an access token`,
  {
    send: (f) => ({
      ...{ path: '/optional', sender: f.senders.shop },
      headers: [[name, f.transaction()]] as HeaderLines,
    }),
    ...{ world: 'minting', reason: 'anonymous', seen: { headers: { [HEADER]: null } } },
  } satisfies Case,
]);

export const group: Group = {
  number: 11,
  title: 'Identity headers',
  items: {
    'a forged internal token': {
      source: 'draft-ietf-oauth-transaction-tokens-10 §10.1, RFC 3875 §4.1.18',
      cases: { ...forged, ...misspelled },
    },
    'a Transaction Token from outside of the trust domain': {
      source: 'draft-ietf-oauth-transaction-tokens-10 §3, §11.2',
      cases: {
        'a stolen one from a client without a certificate': {
          send: (f) => ({ path: '/optional', headers: [[HEADER, f.transaction()]] }),
          ...{ world: 'minting', reason: 'anonymous', seen: { headers: { [HEADER]: null } } },
        },
        'a stolen one from a certificate without a name': {
          send: (f) => ({
            ...{ path: '/optional', sender: f.senders.nameless },
            headers: [[HEADER, f.transaction()]],
          }),
          ...{ world: 'minting', reason: 'anonymous', seen: { headers: { [HEADER]: null } } },
        },
      },
    },
    'a Transaction Token of somebody else': {
      source: 'draft-ietf-oauth-transaction-tokens-10 §10.2, RFC 8725 §3',
      cases: {
        'of a stranger with our kid': sent((f) => f.transaction({}, {}, 'stranger'), 'txn_token_untrusted'),
        'of an issuer of ours': sent((f) => f.transaction({}, { kid: 'ec' }, 'ec'), 'txn_token_untrusted'),
        'without a kid': sent((f) => f.transaction({}, { kid: undefined }), 'txn_token_untrusted'),
        'with the key of the token in its header': sent(
          (f) => f.transaction({}, { kid: undefined, jwk: f.keys.own.publicJwk }),
          'txn_token_untrusted',
        ),
        'with a critical header': sent(
          (f) => f.transaction({}, { crit: ['x'], x: 1 }),
          'txn_token_malformed',
        ),
        'alg none': sent((f) => `${unsigned(f, 'none')}AA`, 'txn_token_untrusted'),
        'alg none without a signature': sent((f) => unsigned(f, 'none'), 'txn_token_malformed'),
        'alg HS256': sent((f) => `${unsigned(f, 'HS256')}AA`, 'txn_token_untrusted'),
        'alg EdDSA': sent((f) => `${unsigned(f, 'EdDSA')}AA`, 'txn_token_untrusted'),
        'another iss': claims({ iss: 'https://tts.example.com' }, 'txn_token_untrusted'),
        'no iss': claims({ iss: undefined }, 'txn_token_untrusted'),
        'a signature that is cut off': sent((f) => f.transaction().slice(0, -2), 'txn_token_untrusted'),
        'other claims under the same signature': sent((f) => {
          const [head, , signature] = f.transaction().split('.');
          return [head, f.transaction({ sub: 'root' }).split('.')[1], signature].join('.');
        }, 'txn_token_untrusted'),
      },
    },
    'a token of ours that is no Transaction Token for here': {
      source: 'draft-ietf-oauth-transaction-tokens-10 §5, RFC 8725 §3.11',
      cases: {
        'another typ': sent((f) => f.transaction({}, { typ: 'peerproof+jwt' }), 'txn_token_malformed'),
        'typ of an access token': sent((f) => f.transaction({}, { typ: 'at+jwt' }), 'txn_token_malformed'),
        'no typ': sent((f) => f.transaction({}, { typ: undefined }), 'txn_token_malformed'),
        'an access token': sent((f) => f.token, 'txn_token_malformed'),
        'another trust domain': claims({ aud: 'partner.example' }, 'txn_token_trust_domain_mismatch'),
        'two trust domains': claims(
          { aud: ['cluster.local', 'partner.example'] },
          'txn_token_trust_domain_mismatch',
        ),
        'no aud': claims({ aud: undefined }, 'txn_token_trust_domain_mismatch'),
        expired: sent((f) => f.transaction({ exp: f.seconds - 1 }), 'txn_token_expired'),
        'expired this second': sent((f) => f.transaction({ exp: f.seconds }), 'txn_token_expired'),
        'exp as a text': sent((f) => f.transaction({ exp: String(f.seconds + 50) }), 'txn_token_malformed'),
        'no exp': claims({ exp: undefined }, 'txn_token_malformed'),
        'no txn': claims({ txn: undefined }, 'txn_token_malformed'),
        'no subject': claims({ sub: '' }, 'txn_token_malformed'),
        'a list as the workload': claims({ req_wl: ['a'] }, 'txn_token_malformed'),
        'no scope': claims({ scope: undefined }, 'txn_token_malformed'),
        nonsense: sent(() => 'nonsense', 'txn_token_malformed'),
        'two in one header': sent((f) => `${f.transaction()},${f.transaction()}`, 'txn_token_malformed'),
        twice: {
          send: (f) => ({
            ...{ path: '/orders', sender: f.senders.shop, token: f.token },
            headers: [
              [HEADER, f.transaction()],
              [HEADER, f.transaction()],
            ],
          }),
          ...{ world: 'minting', reason: 'txn_token_malformed' },
        },
        'longer than any of ours': sent(
          (f) => f.transaction({ pad: 'x'.repeat(8_000) }),
          'txn_token_malformed',
        ),
      },
    },
    'a Transaction Token in the place of an access token': {
      source: 'draft-ietf-oauth-transaction-tokens-10 §11.12',
      cases: {
        'as a bearer token': {
          send: (f) => ({ path: '/bearer', token: f.transaction() }),
          ...{ world: 'minting', reason: 'token_issuer_unknown' },
        },
        'where a token is required': {
          send: (f) => ({
            ...{ path: '/orders', sender: f.senders.shop },
            headers: [[HEADER, f.transaction()]],
          }),
          ...{ world: 'minting', reason: 'token_missing' },
        },
        'of an issuer of ours, with the type of one': {
          send: (f) => ({ path: '/bearer', token: f.sign({}, { typ: 'txntoken+jwt' }) }),
          ...{ world: 'minting', reason: 'token_type_not_allowed' },
        },
      },
    },
  },
};
