import { assembleJwt, encodePart } from '../../support/jwt-signer.ts';
import { type Case, each, type Group } from '../case.ts';
import type { Fixture } from '../fixture.ts';

const unavailable = 'introspection_unavailable';

/** An opaque token; the endpoint answers as `misbehaviour.ts` says under this name. */
const ask = (name: string, reason: Case['reason']): Case => ({
  send: () => ({ path: `/${name}/x`, token: 'mF_9.B5f-4.1JqM' }),
  reason,
  world: 'asked',
});
const asks = (...rows: readonly (readonly [name: string, reason: Case['reason']])[]) =>
  each(rows, ([name, reason]) => [name.replace('ask-', ''), ask(name, reason)]);

/** To an endpoint that says yes to everything: what must not even be shown to it. */
const never = (make: (f: Fixture) => string, reason: Case['reason']): Case => ({
  send: (f) => ({ path: '/ask-yes/x', token: make(f) }),
  reason,
  world: 'asked',
});

export const group: Group = {
  number: 20,
  title: 'Introspection',
  items: {
    '`active` with a value other than `true`': {
      source: 'RFC 7662 §2.2',
      cases: asks(
        ['ask-yes', 'allowed'],
        ['ask-inactive', 'token_inactive'],
        ['ask-inactive-claims', 'token_inactive'],
        ['ask-text', unavailable],
        ['ask-one', unavailable],
        ['ask-absent', unavailable],
        ['ask-list', unavailable],
        ['ask-null', unavailable],
        ['ask-html', unavailable],
        ['ask-proto', unavailable],
      ),
    },
    'active tokens that are refused': {
      source: 'RFC 7662 §2.2, §4; RFC 8705 §3.2; RFC 9449 §6.2',
      cases: asks(
        ['ask-other-audience', 'token_audience_mismatch'],
        ['ask-no-audience', 'token_audience_mismatch'],
        ['ask-expired', 'token_expired'],
        ['ask-no-expiry', 'token_claim_malformed'],
        ['ask-early', 'token_not_yet_valid'],
        ['ask-exp-text', 'token_claim_malformed'],
        ['ask-refresh', 'token_type_not_allowed'],
        ['ask-id-token', 'token_type_not_allowed'],
        ['ask-nonce', 'token_type_not_allowed'],
        ['ask-bound', 'confirmation_unproven'],
        ['ask-jkt', 'confirmation_unproven'],
        ['ask-surrogate', 'token_claim_malformed'],
      ),
    },
    'an endpoint that fails': {
      source: 'RFC 7662 §2.3; Authorino issue 649',
      cases: asks(
        ['ask-400', unavailable],
        ['ask-401', unavailable],
        ['ask-500', unavailable],
        ['ask-302', unavailable],
        ['ask-201', unavailable],
        ['ask-hang', unavailable],
      ),
    },
    'tokens that are sent to no server': {
      source: 'RFC 7662 §4; docs/issuers.md: a token is shown to nobody else',
      cases: {
        'a JWT of an issuer that is not configured': never((f) => f.token, 'token_issuer_unknown'),
        'a JWT without a signature': never(
          (f) => assembleJwt({ header: { alg: 'none' }, payload: f.claims() }),
          'token_malformed',
        ),
        'a JWT with alg none': never((f) => f.sign({}, { alg: 'none' }), 'token_algorithm_not_allowed'),
        'a JWE': never(
          () => [encodePart({ alg: 'dir', enc: 'A128GCM' }), '', 'a', 'b', 'c'].join('.'),
          'token_malformed',
        ),
        'a JWT with a part too many': never((f) => `${f.token}.x`, 'token_malformed'),
        'a token that is too long': never(() => 'x'.repeat(16_385), 'token_too_large'),
      },
    },
  },
};
