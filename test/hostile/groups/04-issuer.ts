import { claims, each, type Group, token } from '../case.ts';
import { ISSUER, PARTNER } from '../fixture.ts';

const mismatch = 'token_audience_mismatch';
const unknown = 'token_issuer_unknown';
const malformed = 'token_claim_malformed';

const audiences: readonly [string, unknown, Parameters<typeof claims>[1]][] = [
  ['the right text', 'orders', 'allowed'],
  ['the right one in a list', ['payments', 'orders'], 'allowed'],
  ['another text', 'payments', mismatch],
  ['others in a list', ['payments', 'login'], mismatch],
  ['an empty text', '', mismatch],
  ['an empty list', [], mismatch],
  ['absent', undefined, mismatch],
  ['a beginning of it', 'order', mismatch],
  ['more than it', 'orders-internal', mismatch],
  ['it in capitals', 'ORDERS', mismatch],
  ['it with a space', 'orders ', mismatch],
  ['it with a NUL', 'orders\0', mismatch],
  ['two in one text', 'orders payments', mismatch],
  ['two in one text, with a comma', 'payments,orders', mismatch],
  ['a pattern', '*', mismatch],
  ['it with a Cyrillic o', '\u043erders', mismatch],
  ['it in full width', '\uff4frders', mismatch],
  ['it with a zero width space', 'or\u200bders', mismatch],
  ['a number', 1, malformed],
  ['zero', 0, malformed],
  ['null', null, malformed],
  ['true', true, malformed],
  ['an object', { orders: true }, malformed],
  ['an object with a length', { 0: 'orders', length: 1 }, malformed],
  ['a list in a list', [['orders']], malformed],
  ['a list with a number', ['orders', 1], malformed],
  ['a list with null', ['orders', null], malformed],
  ['a thousand others', Array.from({ length: 1_000 }, (_, number) => `a${number}`), mismatch],
];

const issuers: readonly [string, unknown][] = [
  ['with a slash', `${ISSUER}/`],
  ['with its host in capitals', 'https://LOGIN.example.com'],
  ['with its scheme in capitals', 'HTTPS://login.example.com'],
  ['with its port', `${ISSUER}:443`],
  ['with http', 'http://login.example.com'],
  ['with a path', `${ISSUER}/realms/corp`],
  ['with a query', `${ISSUER}?x`],
  ['with a fragment', `${ISSUER}#`],
  ['with a user', 'https://x@login.example.com'],
  ['with a trailing dot', 'https://login.example.com.'],
  ['with a space', `${ISSUER} `],
  ['with a newline', `${ISSUER}\n`],
  ['that begins like it', `${ISSUER}.evil.example`],
  ['with a Cyrillic letter', 'https://login.ex\u0430mple.com'],
  ['decomposed', 'https://login.exa\u0301mple.com'],
  ['as a list', [ISSUER]],
  ['as an object', { issuer: ISSUER }],
  ['absent', undefined],
  ['empty', ''],
  ['null', null],
  ['a number', 1],
  ['its name in the configuration', 'corp'],
  ['__proto__', '__proto__'],
];

export const group: Group = {
  number: 4,
  title: 'Audience and issuer',
  items: {
    '`aud` as string, array, number, object, empty, substring': {
      source: 'RFC 7519 §4.1.3; CVE-2026-40574',
      cases: {
        ...each(audiences, ([what, aud, reason]) => [what, claims({ aud }, reason)]),
        'null, where tokens without aud are accepted': token(
          (f) => f.sign({ iss: 'https://lax.example.com', aud: null }, {}, 'lax'),
          malformed,
        ),
        'another, where tokens without aud are accepted': token(
          (f) => f.sign({ iss: 'https://lax.example.com', aud: 'payments' }, {}, 'lax'),
          mismatch,
        ),
        'an empty text, where tokens without aud are accepted': token(
          (f) => f.sign({ iss: 'https://lax.example.com', aud: '' }, {}, 'lax'),
          mismatch,
        ),
        'the audience of another issuer': claims({ aud: 'partners' }, mismatch),
      },
    },
    '`iss` with slash or case changed': {
      source: 'RFC 7519 §4.1.1; RFC 9207; RFC 3986 §6.2.1',
      cases: each(issuers, ([what, iss]) => [what, claims({ iss }, unknown)]),
    },
    "a token of issuer A signed by B's key": {
      source: 'RFC 8725 §3.8',
      cases: {
        'by the key of a partner': token((f) => f.sign({}, {}, 'partner'), 'token_signature_invalid'),
        'by the key of a partner, without kid': token(
          (f) => f.sign({}, { kid: undefined }, 'partner'),
          'token_signature_invalid',
        ),
        'by the key of an issuer with weaker demands': token(
          (f) => f.sign({}, { kid: 'ec' }, 'lax'),
          'token_signature_invalid',
        ),
        "a partner's, by our key": token(
          (f) => f.sign({ iss: PARTNER, jti: '1' }, { typ: 'at+jwt' }),
          'token_signature_invalid',
        ),
        'by the key of a cluster': token((f) => f.sign({}, {}, 'cluster'), 'token_key_unknown'),
        'where the rule accepts another issuer': {
          send: (f) => ({
            path: '/corp',
            token: f.sign({ iss: PARTNER, jti: '1' }, { typ: 'at+jwt' }, 'partner'),
          }),
          reason: 'token_issuer_not_allowed',
        },
        'a client that is registered at another issuer': {
          send: (f) => ({
            path: '/workload',
            sender: f.senders.till,
            token: f.sign({ iss: PARTNER, jti: '1', client_id: 'till' }, { typ: 'at+jwt' }, 'partner'),
          }),
          reason: 'binding_missing',
        },
        'a client that is registered at a partner, in our token': {
          send: (f) => ({
            path: '/workload',
            sender: f.senders.shop,
            token: f.sign({ client_id: 'partner-only' }),
          }),
          reason: 'binding_missing',
        },
      },
    },
    'the same kid at two issuers': {
      source: 'GHSA-4mq7-pvjg-xp2r; RFC 7515 §4.1.4',
      cases: {
        'the one of ours': token((f) => f.sign({}, { kid: 'ec' }), 'allowed'),
        'the one of the partner': token(
          (f) => f.sign({ iss: PARTNER, jti: '1' }, { typ: 'at+jwt' }, 'partner'),
          'allowed',
        ),
        "the partner's key under its kid, our iss": token(
          (f) => f.sign({}, { kid: 'ec' }, 'partner'),
          'token_signature_invalid',
        ),
      },
    },
  },
};
