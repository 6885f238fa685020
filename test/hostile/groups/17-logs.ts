import type { Case, Group, Input } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import { logs } from '../stories/logs.ts';

/** What a terminal, a shell or a parser of logs could take for something else. */
const payloads: readonly [what: string, text: string][] = [
  ['a newline and a line of its own', 'a\n{"level":30,"decision_id":"x","effect":"allow"}'],
  ['ANSI', '\x1b[2J\x1b[31mallowed\x1b]0;title\x07'],
  ['all controls', String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code), 127)],
  ['C1 controls and line separators', 'a\u0085b\u009b31mc\u2028d\u2029e'],
  ['directions of writing', 'a\u202etxt.exe\u202cb\u2066c\u2069\u200f'],
  ['quotes and backslashes', 'a"b\\c\',"effect":"allow"'],
  ['5,000 characters', 'x'.repeat(5_000)],
];

/** Places where a caller can put text, and the result of the request. */
interface Place {
  readonly put: (text: string, f: Fixture) => Input;
  readonly reason: Case['reason'];
  /** Only bytes that HTTP carries as they are reach Envoy's check. */
  readonly envoy?: Case['envoy'];
}

const throughEnvoy: Case['envoy'] = { cannot: 'such characters do not stand in this part of a request' };
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

const signed = (claims: (text: string) => Record<string, unknown>, reason: Case['reason']): Place => ({
  put: (text, f) => ({ token: f.sign(claims(text)) }),
  reason,
});
const header = (name: string): Place => ({
  put: (text, f) => ({ token: f.token, headers: [[name, utf8(text)]] }),
  reason: 'allowed',
  envoy: throughEnvoy,
});

const places: Record<string, Place> = {
  'the subject': signed((sub) => ({ sub }), 'allowed'),
  'the path': {
    put: (text) => ({ path: `/public/${utf8(text)}` }),
    reason: 'path_ambiguous',
    envoy: throughEnvoy,
  },
  'the user agent': header('user-agent'),
  'the client': signed((text) => ({ client_id: text }), 'allowed'),
  'the scopes': signed((text) => ({ scp: [text, 'b'] }), 'allowed'),
  'the audience': signed((aud) => ({ aud }), 'token_audience_mismatch'),
  'an issuer that nobody verified': signed((iss) => ({ iss }), 'token_issuer_unknown'),
  'a claim typ': signed((typ) => ({ typ }), 'token_type_not_allowed'),
  'the name of a proof': signed((text) => ({ cnf: { [text]: 1 } }), 'confirmation_unsupported'),
  'the actor': {
    put: (text, f) => ({
      path: '/workload',
      sender: f.senders.shop,
      token: f.sign({ client_id: undefined, act: { sub: `urn:${text}` } }),
    }),
    reason: 'binding_missing',
  },
  'the prior actor': signed((text) => ({ act: { sub: 'a', act: { sub: text } } }), 'allowed'),
  'the party that may act': signed((sub) => ({ act: { sub: 'a' }, may_act: { sub } }), 'actor_mismatch'),
  'the ID of the request': header('x-request-id'),
  'the trace': header('traceparent'),
  'the algorithm': {
    put: (alg, f) => ({ token: f.sign({}, { alg }) }),
    reason: 'token_algorithm_not_allowed',
  },
  'the host': {
    put: (text) => ({ host: utf8(text), path: '/any' }),
    reason: 'request_malformed',
    envoy: throughEnvoy,
  },
  'the method': {
    put: (text) => ({ method: utf8(text), path: '/any' }),
    reason: 'request_malformed',
    envoy: throughEnvoy,
  },
  'the principal': {
    put: (text, f) => ({ path: '/peers', token: f.token, says: { principal: `spiffe://${text}` } }),
    reason: 'peer_spiffe_id_invalid',
    envoy: throughEnvoy,
  },
};

const injections = Object.fromEntries(
  Object.entries(places).flatMap(([where, { put, reason, envoy }]) =>
    payloads.map(([what, text]): [string, Case] => [
      `${what} in ${where}`,
      {
        send: (f) => put(text, f),
        // A host of so many letters is too long, and a method of them is none that a rule names.
        reason: where === 'the path' && what.startsWith('5,000') ? 'public' : reason,
        ...(where === 'the principal' && { hash: null }),
        ...(envoy && !(where === 'the path' && what.startsWith('5,000')) && { envoy }),
      },
    ]),
  ),
);

const secret = 'a-secret-of-at-least-24-characters';

/** What the sender alone may know: the runners look for it in every answer and in every line. */
const secrets: Record<string, Case> = {
  'in the query of a public path': { send: () => ({ path: `/public/x?key=${secret}` }), reason: 'public' },
  'in the query of a path that is refused': {
    send: () => ({ path: `/public//x?key=${secret}` }),
    reason: 'path_ambiguous',
  },
  'in the query of a path that nobody knows': {
    send: () => ({ path: `/nothing?key=${secret}` }),
    reason: 'no_rule',
  },
  'in a query behind two question marks': {
    send: () => ({ path: `/admin/x??key=${secret}` }),
    reason: 'token_missing',
  },
  'in a fragment': {
    send: () => ({ path: `/admin/x#${secret}` }),
    reason: 'path_ambiguous',
    envoy: { refuses: 400 },
  },
  'the token of a request that passes': { send: ({ token }) => ({ token }), reason: 'allowed' },
  'a token that is over': {
    send: (f) => ({ token: f.sign({ exp: f.seconds - 31 }) }),
    reason: 'token_expired',
  },
  'a token of nobody': {
    send: (f) => ({ token: f.sign({ iss: 'https://x.example' }) }),
    reason: 'token_issuer_unknown',
  },
  'a token that is malformed': {
    send: ({ token }) => ({ token: `${token}.${secret}` }),
    reason: 'token_malformed',
  },
  'a token behind two spaces': {
    send: ({ token }) => ({ headers: [['authorization', `Bearer  ${token}`]] }),
    reason: 'authorization_malformed',
  },
  'a token in Basic': {
    send: ({ token }) => ({ headers: [['authorization', `Basic ${Buffer.from(token).toString('base64')}`]] }),
    reason: 'token_missing',
  },
  'two tokens': {
    send: (f) => ({ headers: [['authorization', `Bearer ${f.token}, Bearer ${f.sign({ sub: 'bob' })}`]] }),
    reason: 'authorization_ambiguous',
  },
  'an opaque token that nobody takes': { send: () => ({ token: secret }), reason: 'token_malformed' },
  'a cookie': {
    send: ({ token }) => ({ headers: [['cookie', `session=${secret}; t=${token}`]] }),
    reason: 'token_missing',
  },
  'a certificate that is not the right one': {
    send: (f) => ({ path: '/bound', sender: f.senders.till, token: f.bound() }),
    reason: 'binding_certificate_mismatch',
  },
  'an API server that quotes the token': {
    send: (f) => ({ path: '/review-quote/x', token: f.account({ iss: 'https://review-quote.example.com' }) }),
    world: 'asked',
    reason: 'token_review_refused',
  },
  'our own token, which the API server refuses': {
    send: (f) => ({ path: '/review-401/x', token: f.account({ iss: 'https://review-401.example.com' }) }),
    world: 'asked',
    reason: 'api_server_forbidden',
  },
  'our own secret, which the authorization server refuses': {
    send: () => ({ path: '/ask-401/x', token: secret }),
    world: 'asked',
    reason: 'introspection_unavailable',
  },
  'a token that is passed on': { send: ({ token }) => ({ token }), world: 'oauth2', reason: 'allowed' },
  'a client assertion': {
    send: (f) => ({
      method: 'POST',
      path: '/token',
      sender: f.senders.till,
      headers: [['content-type', 'application/x-www-form-urlencoded']],
      body: `client_id=till&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=${f.account()}`,
    }),
    reason: 'binding_workload_mismatch',
  },
};

export const group: Group = {
  number: 17,
  title: 'Logs',
  items: {
    'newline and ANSI in subject, path, user agent': { source: 'CWE-117; CWE-150', cases: injections },
    'tokens and query secrets never appear': {
      source: 'CVE-2024-39315; oauth2-proxy PR 1743; GHSA on error details of Oathkeeper; CWE-532',
      cases: secrets,
    },
    'a reader that stops reading stdout must not stall checks': { source: 'CWE-400', stories: logs.reader },
    'flat memory under a flood of unique tokens': { source: 'CWE-770', stories: logs.memory },
  },
};
