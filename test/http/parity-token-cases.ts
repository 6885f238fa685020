import { encodePart } from '../support/jwt-signer.ts';
import { OTHER_ISSUER } from '../support/token-fixture.ts';
import {
  bearer,
  claims,
  corp,
  dead,
  hmacToken,
  type ParityCase,
  partner,
  stranger,
  token,
} from './parity-world-cases.ts';

/** Tokens and where they stand. Every case is about `/bearer/x`, where the token alone decides. */

const seconds = Math.floor(Date.now() / 1000);
const path = '/bearer/x';
const withToken = (text: string, reason: string, status = 401): ParityCase => ({
  path,
  headers: [bearer(text)],
  status,
  reason,
});
const withHeader = (reason: string, status: number, ...values: string[]): ParityCase => ({
  path,
  headers: values.map((value) => ['Authorization', value] as const),
  status,
  reason,
});
const good = token();
const unsigned = `${encodePart({ alg: 'none' })}.${encodePart(claims())}.AAAA`;

export const tokenCases: Record<string, ParityCase> = {
  'a good token': withToken(good, 'allowed', 200),
  'the scheme in lower case': withHeader('allowed', 200, `bearer ${good}`),
  'no token': withHeader('token_missing', 401),
  'an empty Authorization': withHeader('token_missing', 401, ''),
  Basic: withHeader('token_missing', 401, 'Basic YTpi'),
  'the scheme alone': withHeader('authorization_malformed', 400, 'Bearer'),
  'two spaces': withHeader('authorization_malformed', 400, `Bearer  ${good}`),
  'a tab': withHeader('authorization_malformed', 400, `Bearer\t${good}`),
  'two words': withHeader('authorization_malformed', 400, `Bearer ${good} x`),
  'two tokens': withHeader('authorization_ambiguous', 400, `Bearer ${good}`, `Bearer ${token()}`),
  'the same token twice': withHeader('authorization_ambiguous', 400, `Bearer ${good}`, `Bearer ${good}`),
  'Basic before Bearer': withHeader('authorization_ambiguous', 400, 'Basic YTpi', `Bearer ${good}`),
  'Bearer before Basic': withHeader('authorization_ambiguous', 400, `Bearer ${good}`, 'Basic YTpi'),
  'an empty one before it': withHeader('authorization_ambiguous', 400, '', `Bearer ${good}`),
  'an empty one behind it': withHeader('authorization_ambiguous', 400, `Bearer ${good}`, ''),
  'two in one header': withHeader('authorization_ambiguous', 400, `Bearer ${good}, Bearer ${good}`),
  'a token in the query too': {
    ...withToken(good, 'authorization_ambiguous', 400),
    path: `${path}?access_token=x`,
  },
  'a token in the query alone': {
    ...withHeader('token_missing', 401),
    path: `${path}?access_token=${good}`,
  },
  'a token in a cookie': {
    ...withHeader('token_missing', 401),
    headers: [['cookie', `access_token=${good}`]],
  },
  'a token in Proxy-Authorization': {
    ...withHeader('token_missing', 401),
    headers: [['proxy-authorization', `Bearer ${good}`]],
  },
  'too large': withToken('x'.repeat(9_000), 'token_too_large'),
  'no JWT': withToken('abc', 'token_malformed'),
  'two dots': withToken('..', 'token_malformed'),
  'four parts': withToken(`${good}.x`, 'token_malformed'),
  'alg none': withToken(unsigned, 'token_algorithm_not_allowed'),
  'alg HS256 with the public key': withToken(hmacToken(), 'token_algorithm_not_allowed'),
  'crit in the header': withToken(token({}, { crit: ['x'], x: 1 }), 'token_malformed'),
  expired: withToken(token({ exp: seconds - 60 }), 'token_expired'),
  'not yet valid': withToken(token({ nbf: seconds + 3_600 }), 'token_not_yet_valid'),
  'another audience': withToken(token({ aud: 'payments' }), 'token_audience_mismatch'),
  'exp as a text': withToken(token({ exp: 'soon' }), 'token_claim_malformed'),
  'no exp': withToken(token({ exp: undefined }), 'token_claim_malformed'),
  'an unknown issuer': withToken(token({ iss: 'https://stranger.example' }), 'token_issuer_unknown'),
  'a stranger with the kid of the issuer': withToken(
    token({}, { kid: corp.kid }, stranger),
    'token_signature_invalid',
  ),
  'an unknown kid': withToken(token({}, {}, stranger), 'token_key_unknown'),
  'a token of another kind': withToken(
    token({ iss: OTHER_ISSUER }, { typ: 'JWT' }, partner),
    'token_type_not_allowed',
  ),
  'a token with a cnf where nothing is bound': withToken(
    token({ cnf: { 'x5t#S256': 'A'.repeat(43) } }),
    'confirmation_unproven',
  ),
  'a cnf that is no object': withToken(token({ cnf: 'x' }), 'confirmation_malformed'),
  'a cnf of another kind': withToken(token({ cnf: { kid: 'x' } }), 'confirmation_unsupported'),
  'an issuer that is down': withToken(token({ iss: dead.issuer }), 'issuer_unavailable', 503),
  'a scope that is missing': {
    path: '/scoped',
    headers: [bearer(token({ scope: 'b c' }))],
    status: 403,
    reason: 'scope_missing',
    line: { rule: 'scoped', scopes: ['b', 'c'] },
  },
  'all scopes': {
    path: '/scoped',
    headers: [bearer(token({ scope: 'b a' }))],
    status: 200,
    reason: 'allowed',
  },
  'a claim that differs': {
    path: '/claims',
    headers: [bearer(token({ tenant: 'red' }))],
    status: 403,
    reason: 'claim_mismatch',
  },
  'no ServiceAccount': {
    path: '/account',
    headers: [bearer(good)],
    status: 403,
    reason: 'service_account_not_allowed',
  },
  'a condition over a header that holds': {
    path: '/condition',
    headers: [bearer(token({ tenant: 'blue' })), ['X-Tenant', 'blue']],
    status: 200,
    reason: 'allowed',
  },
  'a condition that does not hold': {
    path: '/condition',
    headers: [bearer(token({ tenant: 'blue' })), ['x-tenant', 'red']],
    status: 403,
    reason: 'condition_not_met',
  },
  'a condition over a header that came twice': {
    path: '/condition',
    headers: [bearer(token({ tenant: 'blue' })), ['x-tenant', 'blue'], ['x-tenant', 'blue']],
    status: 403,
    reason: 'condition_not_met',
  },
  'a condition over a header that is not there': {
    path: '/condition',
    headers: [bearer(token({ tenant: 'blue' }))],
    status: 403,
    reason: 'condition_failed',
  },
  'a client assertion without its body': {
    method: 'POST',
    path: '/token',
    headers: [['content-type', 'application/x-www-form-urlencoded']],
    status: 401,
    reason: 'assertion_missing',
  },
};
