import { encodePart } from '../../support/jwt-signer.ts';
import { type Case, claims, each, type Group, token } from '../case.ts';
import { PARTNER } from '../fixture.ts';

const notAllowed = 'token_type_not_allowed';
const typ = (value: string, more: Record<string, unknown> = {}): Case =>
  claims(more, notAllowed, { header: { typ: value } });

/** A token for the partner, which takes RFC 9068 to the letter. */
const strict = (
  more: Record<string, unknown>,
  header: Record<string, unknown>,
  reason: Case['reason'] = notAllowed,
) =>
  token(
    (f) => f.sign({ iss: PARTNER, jti: 'token-1', ...more }, { typ: 'at+jwt', ...header }, 'partner'),
    reason,
  );

const logoutEvent = { 'http://schemas.openid.net/event/backchannel-logout': {} };

const types = [
  'dpop+jwt',
  'secevent+jwt',
  'oauth-authz-req+jwt',
  'token-introspection+jwt',
  'entity-statement+jwt',
];
const moreTypes = [
  'client-authentication+jwt',
  'kb+jwt',
  'dc+sd-jwt',
  'wallet+jwt',
  'JOSE',
  'at+jwt ',
  'at-jwt',
  'x',
];

export const group: Group = {
  number: 6,
  title: 'Kind of token',
  items: {
    'ID token': {
      source: 'OIDC Core §2; RFC 9068 §5',
      cases: {
        nonce: claims({ nonce: 'n-0S6' }, notAllowed),
        'an empty nonce': claims({ nonce: '' }, notAllowed),
        at_hash: claims({ at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' }, notAllowed),
        c_hash: claims({ c_hash: 'LDktKdoQak3Pk0cnXxCltA' }, notAllowed),
        s_hash: claims({ s_hash: 'x' }, notAllowed),
        "Keycloak's": claims({ typ: 'ID' }, notAllowed),
        'for its client': claims({ aud: 'shop', azp: 'shop' }, 'token_audience_mismatch'),
        'where RFC 9068 is asked for': strict({ nonce: 'x' }, { typ: 'JWT' }),
      },
    },
    refresh: {
      source: 'RFC 6749 §1.5',
      cases: {
        "Keycloak's": claims({ typ: 'Refresh' }, notAllowed),
        "Keycloak's offline token": claims({ typ: 'Offline' }, notAllowed),
        'by its typ': typ('refresh+jwt'),
        'that is opaque': token(() => 'tGzv3JOkF0XG5Qx2TlKWIA', 'token_malformed'),
      },
    },
    'logout token': {
      source: 'OIDC Back-Channel Logout §2.4; RFC 8417 §2.2',
      cases: {
        'by its typ': typ('logout+jwt', { events: logoutEvent }),
        'by its events': claims({ events: logoutEvent }, notAllowed),
        'with empty events': claims({ events: null }, notAllowed),
        "Keycloak's": claims({ typ: 'Logout' }, notAllowed),
      },
    },
    'tokens of another use': {
      source: 'CVE-2024-47616; RFC 8725 §3.11, §3.12',
      cases: {
        ...each([...types, ...moreTypes], (value) => [`typ ${JSON.stringify(value)}`, typ(value)]),
        'typ in other letters passes': claims({}, 'allowed', { header: { typ: 'application/AT+JWT' } }),
        'typ a number': claims({}, 'token_malformed', { header: { typ: 1 } }),
        'the claim typ a list': claims({ typ: ['Bearer', 'ID'] }, notAllowed),
        'the claim typ an object without a text': claims({ typ: { toString: null } }, notAllowed),
        'typ JWT where RFC 9068 is asked for': strict({}, { typ: 'JWT' }),
        'no typ where RFC 9068 is asked for': strict({}, { typ: undefined }),
        'no jti where RFC 9068 is asked for': strict({ jti: undefined }, {}),
        'jti a number where RFC 9068 is asked for': strict({ jti: 1 }, {}),
        'client_id a list where RFC 9068 is asked for': strict({ client_id: ['shop'] }, {}),
        'RFC 9068 to the letter passes': strict({}, {}, 'allowed'),
      },
    },
    'client assertion': {
      source: 'RFC 7523 §3; RFC 9068 §5',
      cases: {
        'its issuer is the client': claims({ iss: 'shop', sub: 'shop', jti: '1' }, 'token_issuer_unknown'),
        'for the token endpoint': claims(
          { aud: 'https://login.example.com/token' },
          'token_audience_mismatch',
        ),
        'in the header of a resource request, as the form has it': {
          send: (f) => ({
            path: '/bearer',
            method: 'POST',
            headers: [['content-type', 'application/x-www-form-urlencoded']],
            body: `client_assertion=${f.svid()}`,
          }),
          reason: 'token_missing',
        },
        'without a signature by anybody': token(
          (f) => `${encodePart({ alg: 'none' })}.${encodePart(f.claims({ iss: 'shop' }))}.`,
          'token_malformed',
        ),
      },
    },
  },
};
