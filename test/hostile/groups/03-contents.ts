import { encodePart } from '../../support/jwt-signer.ts';
import { type Case, type Group, token } from '../case.ts';
import type { Fixture } from '../fixture.ts';

const malformed = 'token_malformed';

/** Signed by the issuer, whatever it is. */
const signed = (payload: (f: Fixture) => string, reason: Case['reason'], more: Partial<Case> = {}): Case =>
  token((f) => f.signText(payload(f)), reason, more);

const json = (f: Fixture, more = {}) => JSON.stringify(f.claims(more));
const user = (name: string) => ({ seen: { headers: { 'x-auth-request-user': name } } });

export const group: Group = {
  number: 3,
  title: 'Size and shape of tokens',
  items: {
    'duplicate keys': {
      source: 'RFC 7519 §4; RFC 8725 §2.4',
      cases: {
        'sub twice: the last counts, as in every JSON parser of ECMAScript': signed(
          (f) => json(f).replace('"sub":"alice"', '"sub":"mallory","sub":"alice"'),
          'allowed',
          user('alice'),
        ),
        'iss twice, the last unknown': signed(
          (f) => `${json(f).slice(0, -1)},"iss":"https://evil.example"}`,
          'token_issuer_unknown',
        ),
        'exp twice, the last over': signed((f) => `${json(f).slice(0, -1)},"exp":1}`, 'token_expired'),
        'aud twice, the last another': signed(
          (f) => `${json(f).slice(0, -1)},"aud":"payments"}`,
          'token_audience_mismatch',
        ),
        'cnf twice, the last another': signed(
          (f) => `${json(f).slice(0, -1)},"cnf":{"x5t#S256":"${f.senders.till.thumbprint}"}}`,
          'confirmation_unproven',
        ),
        'alg twice, the last none': token(
          (f) => f.signText(json(f), '{"alg":"ES256","kid":"ec","alg":"none"}'),
          'token_algorithm_not_allowed',
        ),
        'alg twice, the first none': token(
          (f) => f.signText(json(f), '{"alg":"none","kid":"ec","alg":"ES256"}'),
          'allowed',
        ),
        'alg spelled with an escape': token(
          (f) => f.signText(json(f), '{"\\u0061lg":"none","kid":"ec"}'),
          'token_algorithm_not_allowed',
        ),
      },
    },
    '`__proto__` claims': {
      source: 'CWE-1321',
      cases: {
        'aud in __proto__': signed(
          (f) => `${json(f, { aud: undefined }).slice(0, -1)},"__proto__":{"aud":"orders"}}`,
          'token_audience_mismatch',
        ),
        'aud in constructor.prototype': signed(
          (f) => `${json(f, { aud: undefined }).slice(0, -1)},"constructor":{"prototype":{"aud":"orders"}}}`,
          'token_audience_mismatch',
        ),
        'exp in __proto__': signed(
          (f) => `${json(f, { exp: undefined }).slice(0, -1)},"__proto__":{"exp":9999999999}}`,
          'token_claim_malformed',
        ),
        'alg in __proto__': token(
          (f) => f.signText(json(f), '{"__proto__":{"alg":"ES256","kid":"ec"}}'),
          'token_algorithm_not_allowed',
        ),
        'a scope in __proto__': {
          send: (f) => ({
            path: '/scoped',
            token: f.signText(`${json(f).slice(0, -1)},"__proto__":{"scope":"orders.read orders.write"}}`),
          }),
          reason: 'scope_missing',
          scope: 'orders.read orders.write',
        },
        'a claim in __proto__': {
          send: (f) => ({
            path: '/claims',
            token: f.signText(`${json(f).slice(0, -1)},"__proto__":{"tenant":"blue"}}`),
          }),
          reason: 'claim_mismatch',
        },
        'a claim that a condition reads, in __proto__': {
          send: (f) => ({
            path: '/condition',
            headers: [['x-tenant', 'blue']],
            token: f.signText(`${json(f).slice(0, -1)},"__proto__":{"tenant":"blue"}}`),
          }),
          reason: 'condition_failed',
        },
        'client_id __proto__': {
          send: (f) => ({
            path: '/workload',
            sender: f.senders.shop,
            token: f.sign({ client_id: '__proto__' }),
          }),
          reason: 'binding_missing',
        },
        'sub __proto__ is a name like any other': token(
          (f) => f.sign({ sub: '__proto__' }),
          'allowed',
          user('__proto__'),
        ),
        'what others get afterwards is not changed': token((f) => f.token, 'allowed', user('alice')),
      },
    },
    'nested JWT': {
      source: 'RFC 7519 §5.2, §7.2',
      cases: {
        'a token as the payload of a token': token(
          (f) => f.signText(f.token, '{"alg":"ES256","kid":"ec","cty":"JWT"}'),
          malformed,
        ),
        'a token as a text in the payload': token(
          (f) => f.signText(JSON.stringify(f.token), '{"alg":"ES256","kid":"ec","cty":"JWT"}'),
          malformed,
        ),
        'a token as a claim': token(
          (f) => f.sign({ sub: undefined, jwt: f.token, id_token: f.token }),
          'allowed',
          { seen: { headers: { 'x-auth-request-user': null } } },
        ),
        'the JSON form of a JWS (RFC 7515 §7.2)': token((f) => {
          const [head, body, signature] = f.token.split('.');
          return JSON.stringify({ protected: head, payload: body, signature });
        }, 'authorization_ambiguous'),
        'the same in base64url': token((f) => encodePart({ payload: f.token.split('.')[1] }), malformed),
        'a detached payload (RFC 7515 Appendix F)': token(
          ({ token: text }) => text.replace(/\..*\./, '..'),
          malformed,
        ),
        'an SD-JWT': token((f) => `${f.token}~${encodePart(['salt', 'scope', 'admin'])}~`, malformed),
      },
    },
  },
};
