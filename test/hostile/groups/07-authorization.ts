import { type Case, each, type Group, type Input } from '../case.ts';
import type { Fixture } from '../fixture.ts';

const ambiguous = 'authorization_ambiguous';
const malformed = 'authorization_malformed';
const missing = 'token_missing';

/** `Authorization` once for each value. `TOKEN` stands for a good one, `OTHER` for another good one. */
function authorization(
  values: readonly string[],
  reason: Case['reason'],
  more: Partial<Case> = {},
  input: Input = {},
): Case {
  return {
    send: (f) => ({
      path: '/bearer',
      ...input,
      headers: [
        ...values.map((value) => ['authorization', filled(value, f)] as const),
        ...(input.headers ?? []),
      ],
    }),
    reason,
    ...more,
  };
}

function filled(value: string, f: Fixture): string {
  return value.replaceAll('TOKEN', f.token).replaceAll('OTHER', f.sign({ sub: 'bob' }));
}

/** As it stands in a header, where a character is a byte. */
const bytesOf = (text: string) => Buffer.from(text).toString('latin1');

const one = (value: string, reason: Case['reason'], more: Partial<Case> = {}) =>
  authorization([value], reason, more);

/** White space at the ends belongs to the header and not to its value: Envoy takes it off (RFC 9110 §5.5). */
const trimmed = { envoy: { becomes: 'allowed', why: 'Envoy takes white space off the ends' } } as const;
const refused = { envoy: { refuses: 400 } } as const;

const elsewhere: Record<string, (f: Fixture) => Input> = {
  'in the query': ({ token }) => ({ path: `/bearer?access_token=${token}` }),
  'in the query under another name': ({ token }) => ({ path: `/bearer?token=${token}` }),
  'in a cookie': ({ token }) => ({
    headers: [['cookie', `access_token=${token}; Authorization=Bearer ${token}`]],
  }),
  'in the form': ({ token }) => ({
    method: 'POST',
    headers: [['content-type', 'application/x-www-form-urlencoded']],
    body: `access_token=${token}`,
  }),
  'in Proxy-Authorization': ({ token }) => ({ headers: [['proxy-authorization', `Bearer ${token}`]] }),
  'in X-Forwarded-Access-Token': ({ token }) => ({ headers: [['x-forwarded-access-token', token]] }),
  'in X-Auth-Request-Access-Token': ({ token }) => ({ headers: [['x-auth-request-access-token', token]] }),
  'in X-Access-Token and X-Api-Key': ({ token }) => ({
    headers: [
      ['x-access-token', token],
      ['x-api-key', token],
    ],
  }),
  'in Sec-WebSocket-Protocol': ({ token }) => ({ headers: [['sec-websocket-protocol', `bearer, ${token}`]] }),
  'in X-Original-Authorization': ({ token }) => ({
    headers: [['x-original-authorization', `Bearer ${token}`]],
  }),
  'in Authentication': ({ token }) => ({ headers: [['authentication', `Bearer ${token}`]] }),
  'in a header that only looks like it': ({ token }) => ({
    headers: [
      ['authorization_', `Bearer ${token}`],
      ['x_authorization', `Bearer ${token}`],
    ],
  }),
  'in the fragment of the referrer': ({ token }) => ({
    headers: [['referer', `https://x.example/#access_token=${token}`]],
  }),
};

export const group: Group = {
  number: 7,
  title: 'Authorization',
  items: {
    'Authorization twice': {
      source: 'RFC 9110 §5.3; RFC 6750 §2; CVE-2026-26308',
      cases: {
        'the same token twice': authorization(['Bearer TOKEN', 'Bearer TOKEN'], ambiguous),
        'two tokens': authorization(['Bearer TOKEN', 'Bearer OTHER'], ambiguous),
        'a good one and rubbish': authorization(['Bearer TOKEN', 'Bearer x'], ambiguous),
        'rubbish and a good one': authorization(['Bearer x', 'Bearer TOKEN'], ambiguous),
        'Basic and Bearer': authorization(['Basic YTpi', 'Bearer TOKEN'], ambiguous),
        'Bearer and Basic': authorization(['Bearer TOKEN', 'Basic YTpi'], ambiguous),
        'Bearer and nothing': authorization(['Bearer TOKEN', ''], ambiguous, {
          envoy: { becomes: 'allowed', why: 'Envoy leaves an empty value out' },
        }),
        'nothing and Bearer': authorization(['', 'Bearer TOKEN'], ambiguous, {
          envoy: { becomes: 'allowed', why: 'Envoy leaves an empty value out' },
        }),
        'three, in three cases': authorization(['bearer TOKEN', 'BEARER TOKEN', 'Bearer TOKEN'], ambiguous),
        'DPoP and Bearer (RFC 9449 §7.2)': authorization(['DPoP TOKEN', 'Bearer TOKEN'], ambiguous),
        'Basic twice': authorization(['Basic YTpi', 'Basic YTpi'], missing),
        'a name in other letters': {
          send: (f) => ({
            path: '/bearer',
            headers: [
              ['Authorization', `Bearer ${f.token}`],
              ['AUTHORIZATION', 'Bearer x'],
            ],
          }),
          reason: ambiguous,
        },
      },
    },
    'comma-joined': {
      source: 'RFC 9110 §5.3, §11.6.2; CVE-2026-31838',
      cases: {
        'two tokens': one('Bearer TOKEN, Bearer OTHER', ambiguous),
        'without a space': one('Bearer TOKEN,Bearer OTHER', ambiguous),
        'with a tab': one('Bearer TOKEN,\tBearer OTHER', ambiguous),
        'a token and a part': one('Bearer TOKEN,OTHER', ambiguous),
        'a comma behind it': one('Bearer TOKEN,', ambiguous),
        'a comma before it': one(',Bearer TOKEN', ambiguous),
        'Basic first': one('Basic YTpi, Bearer TOKEN', ambiguous),
        'a parameter of another scheme': one('Digest username="x", Bearer TOKEN', ambiguous),
        'a semicolon': one('Bearer TOKEN;Bearer OTHER', malformed),
        'a parameter': one('Bearer TOKEN, realm="x"', ambiguous),
      },
    },
    'other scheme case': {
      source: 'RFC 9110 §11.1',
      cases: {
        ...each(['bearer', 'BEARER', 'bEaReR'], (scheme) => [
          scheme,
          one(`${scheme} TOKEN`, 'allowed', { seen: { headers: { 'x-auth-request-user': 'alice' } } }),
        ]),
        ...each(
          ['Token', 'JWT', 'OAuth', 'DPoP2', 'Bearer2', 'XBearer', 'Beare', 'PoP', 'Negotiate'],
          (scheme) => [scheme, one(`${scheme} TOKEN`, missing)],
        ),
        ...each(['Bearer:', 'Bearer=', 'Bearer-', 'Bearer/1'], (scheme) => [
          scheme,
          one(`${scheme} TOKEN`, malformed),
        ]),
        'no scheme at all': one('TOKEN', missing),
        'a scheme in full width': one(bytesOf('\uff22earer TOKEN'), missing),
        'a scheme with a Cyrillic letter': one(bytesOf('B\u0435arer TOKEN'), missing),
        'the scheme twice': one('Bearer Bearer TOKEN', malformed),
        'the scheme alone': one('Bearer', malformed),
        nothing: one('', missing),
      },
    },
    tab: {
      source: 'RFC 9110 §5.6.3, §11.4',
      cases: {
        'a tab between': one('Bearer\tTOKEN', malformed),
        'a tab in front': one('\tBearer TOKEN', malformed, trimmed),
        'a tab behind': one('Bearer TOKEN\t', malformed, trimmed),
        'a tab inside': one('Bearer TOKEN\tx', malformed),
        'a space behind': one('Bearer TOKEN ', malformed, trimmed),
        'a line break': one('Bearer\n TOKEN', malformed, {
          envoy: { becomes: 'allowed', why: 'Envoy unfolds the line (RFC 9112 §5.2)' },
        }),
        'a carriage return and a line break': one('Bearer \r\n TOKEN', malformed),
        'a vertical tab': one('Bearer\vTOKEN', malformed, refused),
        'a NUL': one('Bearer TOKEN\0', malformed, refused),
        'a NUL between': one('Bearer\0TOKEN', malformed, refused),
        'a no-break space': one('Bearer\u00a0TOKEN', malformed),
        'a no-break space in UTF-8': one(bytesOf('Bearer\u00a0TOKEN'), malformed),
        'bytes that are not UTF-8 (CVE-2024-23324)': one('Bearer \xff\xfe', malformed),
      },
    },
    'two spaces': {
      source: 'RFC 6750 §2.1',
      cases: {
        'two spaces': one('Bearer  TOKEN', malformed),
        'a word behind it': one('Bearer TOKEN x', malformed),
        'a token in quotes': one('Bearer "TOKEN"', malformed),
        'a token that is escaped': one('Bearer %65yJ', malformed),
        'a space alone': one('Bearer ', malformed),
      },
    },
    'token in query, cookie or Basic': {
      source: 'RFC 6750 §2, §2.3, §5.3; oauth2-proxy issue on Basic passwords',
      cases: {
        ...Object.fromEntries(
          Object.entries(elsewhere).map(([what, make]) => [
            what,
            { send: (f: Fixture) => ({ path: '/bearer', ...make(f) }), reason: missing } satisfies Case,
          ]),
        ),
        'as the user of Basic': {
          send: (f) => ({
            path: '/bearer',
            headers: [
              ['authorization', `Basic ${Buffer.from(`${f.token}:x-oauth-basic`).toString('base64')}`],
            ],
          }),
          reason: missing,
        },
        'as the password of Basic': {
          send: (f) => ({
            path: '/bearer',
            headers: [['authorization', `Basic ${Buffer.from(`x:${f.token}`).toString('base64')}`]],
          }),
          reason: missing,
        },
        'in the query beside the header': authorization(
          ['Bearer TOKEN'],
          ambiguous,
          {},
          { path: '/bearer?x=1&access_token=abc' },
        ),
        'in the query beside the header, first': authorization(
          ['Bearer TOKEN'],
          ambiguous,
          {},
          { path: '/bearer?access_token=' },
        ),
        'in the query beside the header, its name escaped': authorization(
          ['Bearer TOKEN'],
          ambiguous,
          {},
          { path: '/bearer?access%5Ftoken=abc' },
        ),
        'in the query beside the header, its name wholly escaped': authorization(
          ['Bearer TOKEN'],
          ambiguous,
          {},
          { path: '/bearer?%61ccess_token=abc' },
        ),
        'a parameter that only ends alike': authorization(
          ['Bearer TOKEN'],
          'allowed',
          {},
          { path: '/bearer?my_access_token=abc' },
        ),
      },
    },
  },
};
