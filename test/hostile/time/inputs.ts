import { mostFields } from '../../../src/grpc/protobuf-reader.ts';
import { assembleJwt, encodePart } from '../../support/jwt-signer.ts';
import { goodClaims } from '../../support/token-fixture.ts';
import { certificateRows } from './certificates.ts';
import { grown, type PieceName, pieceNames } from './shapes.ts';
import { overGrpc, overHttp, type Run, SHOP, SIDECAR, shop, signer } from './world.ts';

/** One input of a check: how long it may become, and what it was made of. */
export interface Row {
  readonly input: string;
  readonly door: 'gRPC' | 'HTTP' | 'forward auth';
  /** What lets no more through. */
  readonly upTo: string;
  /** Whether the check has a token that holds: then its holder pays, and only a budget of its own counts. */
  readonly token: 'none' | 'valid';
  readonly cases: () => Iterable<readonly [shape: string, run: Run]>;
}

/** Envoy's `max_request_headers_kb`, less what the rest of a request takes. */
const headers = 60 * 1024 - 400;
/** What a message of gRPC may have, less the rest of it. */
const message = 4 * 1024 * 1024 - 4_096;

interface Http {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly rawBody?: Buffer;
}
interface More {
  readonly peer?: object;
  readonly destination?: object;
  readonly context?: Record<string, string>;
  readonly raw?: boolean;
  readonly bundle?: boolean;
}

/** A check as Envoy sends it: its pseudo-headers are among the headers too. */
export function check(http: Http, { peer, destination, context, raw, bundle }: More = {}): Run {
  const { method = 'GET', path = '/bearer/a', host = 'orders.example.com', body, rawBody } = http;
  const all = { ':method': method, ':path': path, ':authority': host, ...http.headers };
  const lines = Object.entries(all).map(([key, value]) => ({ key, rawValue: Buffer.from(value) }));
  return overGrpc(
    {
      source: { principal: SHOP, ...peer },
      destination: { ...destination },
      contextExtensions: { ...context },
      request: {
        http: {
          method,
          path,
          host,
          ...(raw ? { headerMap: { headers: lines } } : { headers: all }),
          ...(body !== undefined && { body }),
          ...(rawBody !== undefined && { rawBody }),
        },
      },
    },
    bundle,
  );
}

const bearer = `Bearer ${assembleJwt({ header: { alg: 'ES256', kid: signer.kid }, payload: goodClaims(), signature: new Uint8Array(64) })}`;

/** Every piece, behind each of some beginnings and before each of some ends. */
function* shaped(
  length: number,
  run: (text: string) => Run,
  begins: readonly string[] = [''],
  ends: readonly string[] = [''],
  names: readonly PieceName[] = pieceNames,
): Generator<readonly [string, Run]> {
  for (const name of names)
    for (const begin of begins)
      for (const end of ends) {
        const around = [begin && `after ${begin.slice(-20)}`, end && `before ${end.slice(0, 20)}`];
        yield [[name, ...around].filter(Boolean).join(', '), run(grown(name, length, begin, end))];
      }
}

function row(input: string, upTo: string, cases: Row['cases'], more: Partial<Row> = {}): Row {
  return { input, upTo, cases, door: 'gRPC', token: 'none', ...more };
}

const types = 'client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer';
const form = (text: string, query = ''): Http => ({
  method: 'POST',
  path: `/token${query}`,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: text,
});
const formBegins = [
  '',
  `client_id=shop&${types}&client_assertion=`,
  `client_id=shop&${types}&`,
  '%63lient_id=',
];

function names(count: number, name: (n: number) => string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [name(n), 'x']));
}
/** Another spelling of a managed header for each number. */
const spelling = (n: number) =>
  'x-auth-request-preferred-username'.replaceAll(
    '-',
    (_all, at: number) => '-_.!#$%&*+'[(n >> (at % 13)) % 10] ?? '-',
  );

const segment = (text: string) => Buffer.from(text).toString('base64url');
const unsigned = (header: string, payload: string) => `Bearer ${header}.${payload}.${'A'.repeat(86)}`;
const goodHeader = encodePart({ alg: 'ES256', kid: signer.kid });
const manyMembers = (length: number) =>
  JSON.stringify(
    Object.fromEntries(Array.from({ length: Math.floor(length / 9) }, (_, n) => [n.toString(36), 1])),
  );

export const grpcRows: readonly Row[] = [
  row('path', '60 KiB', () => shaped(headers, (text) => check({ path: text }), ['/', '/orders/'])),
  row('path as long as one is read', '8 KiB', () =>
    shaped(8_192, (text) => check({ path: text }), ['/orders/'], ['', '?a']),
  ),
  row('query', '60 KiB', () =>
    shaped(headers, (text) => check({ path: text, headers: { authorization: bearer } }), [
      '/bearer/a?',
      '/bearer/a?b=',
    ]),
  ),
  row('query of a token request', '60 KiB', () =>
    shaped(headers, (text) => check(form(`client_id=shop&${types}&client_assertion=a.b.c`, text)), [
      '?',
      '?a=',
    ]),
  ),
  row('host', '60 KiB', () => shaped(headers, (text) => check({ host: text }), ['', '[', 'a.'], ['', ':80'])),
  row('method', '60 KiB', () => shaped(headers, (text) => check({ method: text }), ['', 'GET'])),
  row('Authorization', '60 KiB', () =>
    shaped(
      headers,
      (text) => check({ headers: { authorization: text } }),
      ['', 'Bearer ', 'Bearer eyJ', ' ,', 'Basic '],
      ['', '!', ',bearer'],
    ),
  ),
  row('Authorization of a token request', '60 KiB', () =>
    shaped(headers, (text) => {
      const of = form(`client_id=shop&${types}&client_assertion=a.b.c`);
      return check({ ...of, headers: { ...of.headers, authorization: text } });
    }),
  ),
  row('token as long as one is read', '16 KiB', () =>
    shaped(16_384, (text) => check({ headers: { authorization: text } }), [
      'Bearer ',
      'Bearer eyJ',
      `Bearer ${goodHeader}.`,
      `Bearer ${goodHeader}.e30.`,
    ]),
  ),
  row('header of a token, decoded', '12 KiB', () =>
    shaped(
      12_000,
      (text) => check({ headers: { authorization: unsigned(segment(text), 'e30') } }),
      ['', '{"alg":"ES256","kid":"'],
      ['', '"}'],
    ),
  ),
  row('payload of a token, decoded', '12 KiB', function* () {
    const payload = (text: string) =>
      check({ headers: { authorization: unsigned(goodHeader, segment(text)) } });
    yield* shaped(12_000, payload, ['', '{"iss":"https://login.example.com","sub":"'], ['', '"}']);
    yield ['thousands of members', payload(manyMembers(12_000))];
    yield [
      'thousands of empty lists',
      payload(`{"a":[${Array.from({ length: 3_900 }, () => '[]').join(',')}]}`),
    ];
    yield ['escapes', payload(`{"a":"${'\\u0061'.repeat(1_990)}"}`)];
    yield ['numbers', payload(`{"a":1${'0'.repeat(11_900)}}`)];
  }),
  row('cookie', '60 KiB', () =>
    shaped(headers, (text) => check({ headers: { cookie: text, authorization: bearer } })),
  ),
  ...[
    'x-request-id',
    'traceparent',
    'b3',
    'content-type',
    'content-encoding',
    'x-client-certificate',
    'x-any',
  ].map((name) =>
    row(`header ${name}`, '60 KiB', () =>
      shaped(headers, (text) => {
        const of = form(`client_id=shop&${types}&client_assertion=a.b.c`);
        return check({ ...of, headers: { ...of.headers, [name]: text } }, { peer: { principal: '' } });
      }),
    ),
  ),
  row('number of headers', '60 KiB, past Envoy', function* () {
    for (const raw of [false, true]) {
      const how = raw ? ' (raw)' : '';
      const all = (name: (n: number) => string, count: number) =>
        check({ path: '/healthz', headers: names(count, name) }, { raw });
      yield [`thousands of short names${how}`, all((n) => n.toString(36), 10_000)];
      yield [`spellings of a managed header${how}`, all(spelling, 1_500)];
      yield [`names in capitals${how}`, all((n) => `X-${n.toString(36).toUpperCase()}`, 8_000)];
    }
  }),
  row('number of headers', '4 MiB, past Envoy', function* () {
    for (const raw of [false, true])
      yield [
        raw ? 'raw' : 'as a map',
        check({ path: '/healthz', headers: names(150_000, (n) => `x${n}`) }, { raw }),
      ];
  }),
  row('one name many times', '60 KiB, past Envoy', function* () {
    const key = 'x-auth-request-user';
    for (const count of [2_000, 60_000])
      yield [
        `${count} times`,
        overGrpc({
          request: {
            http: {
              method: 'GET',
              path: '/healthz',
              host: 'a',
              headerMap: {
                headers: Array.from({ length: count }, () => ({ key, rawValue: Buffer.from('a') })),
              },
            },
          },
        }),
      ];
  }),
  row('x-forwarded-client-cert', '60 KiB', () =>
    shaped(
      headers,
      (text) => check({ headers: { 'x-forwarded-client-cert': text } }, { peer: { principal: '' } }),
      ['', 'By=', 'Cert="', 'Hash=a;Subject="', `By=${SHOP};URI=`, `By=;`.repeat(60), 'Hash=;,'],
      ['', '"'],
    ),
  ),
  row('x-forwarded-client-cert beside a principal', '60 KiB', () =>
    shaped(
      headers,
      (text) => check({ headers: { 'x-forwarded-client-cert': text } }),
      ['Cert="', 'Hash=a;Subject="', `By=${SHOP};URI=`],
      [`;URI=${SHOP}`, `";URI=${SHOP}`],
    ),
  ),
  row('certificate', '4 MiB, past Envoy', () =>
    shaped(
      message,
      (text) => check({}, { peer: { certificate: text } }),
      [''],
      [''],
      ['one letter', 'escaped letters', 'broken escapes', 'dashes', 'outside ASCII'],
    ),
  ),
  row('certificate as long as one is read', '16 KiB', () =>
    shaped(
      16_384,
      (text) => check({}, { peer: { certificate: text } }),
      ['', '-----BEGIN%20CERTIFICATE-----%0A', shop.urlEncodedPem.slice(0, 400)],
      ['', '%0A-----END%20CERTIFICATE-----%0A'],
    ),
  ),
  ...certificateRows(row, check),
  row('principal', '4 MiB, past Envoy', () =>
    shaped(
      message,
      (text) => check({}, { peer: { principal: text } }),
      ['', 'spiffe://'],
      [''],
      ['one letter', 'slashes', 'commas', 'semicolons'],
    ),
  ),
  row('body of a token request', '64 KiB', () => shaped(65_536, (text) => check(form(text)), formBegins)),
  row('body of a token request', '1 MiB', () =>
    shaped(
      1_048_576,
      (text) => check(form(text)),
      formBegins,
      [''],
      [
        'one letter',
        'plus and ampersand',
        'letter and ampersand',
        'names without values',
        'escaped letters',
        'exclamation',
      ],
    ),
  ),
  row('body', '4 MiB, past Envoy', function* () {
    for (const name of ['exclamation', 'escaped letters', 'plus and ampersand', 'outside ASCII'] as const) {
      const text = grown(name, message / 2);
      yield [name, check(form(text))];
      yield [`${name} (bytes)`, check({ ...form(''), rawBody: Buffer.from(text) })];
      yield [`${name}, at a rule for bearers`, check({ body: text, headers: { authorization: bearer } })];
    }
  }),
  row('context extensions', 'the proxy alone', () =>
    shaped(headers, (text) => check({ path: '/context' }, { context: { policy: text } })),
  ),
  row('context extensions, by number', 'the proxy alone', function* () {
    // An entry of a map is three fields. The rest of the check needs some as well.
    const most = Math.floor(mostFields / 3) - 20;
    yield ['as many as are read', check({ path: '/context' }, { context: names(most, (n) => `n${n}`) })];
  }),
];

const list = (of: Record<string, string>) => Object.entries(of).flat();
const auth = (original: 'x-original' | 'x-original-url' | 'x-forwarded') => ({
  path: '/auth',
  trusts: () => true,
  original,
  certificateHeader: 'ssl-client-cert',
});
const asked = {
  'x-original-method': 'GET',
  'x-original-url': 'https://orders.example.com/bearer/a',
  authorization: bearer,
};
const described = (more: Record<string, string>, target = '/auth') =>
  overHttp({ target, raw: list({ ...asked, ...more }) }, { auth: auth('x-original-url') });

export const httpRows: readonly Row[] = [
  row(
    'path',
    '60 KiB',
    () => shaped(headers, (text) => overHttp({ target: text, raw: [] }, {}), ['/', '/orders/']),
    { door: 'HTTP' },
  ),
  row(
    'query',
    '60 KiB',
    () =>
      shaped(headers, (text) => overHttp({ target: text, raw: ['authorization', bearer] }, {}), [
        '/bearer/a?',
      ]),
    { door: 'HTTP' },
  ),
  row(
    'host',
    '60 KiB',
    () => shaped(headers, (text) => overHttp({ target: '/bearer/a', host: text, raw: [] }, {})),
    { door: 'HTTP' },
  ),
  row(
    'Authorization',
    '60 KiB',
    () =>
      shaped(
        headers,
        (text) => overHttp({ target: '/bearer/a', raw: ['authorization', text] }, {}),
        ['', 'Bearer ', ' ,'],
        ['', '!'],
      ),
    { door: 'HTTP' },
  ),
  ...(['direct', 'sidecar'] as const).map((xfcc) =>
    row(
      `x-forwarded-client-cert (${xfcc})`,
      '60 KiB',
      () =>
        shaped(
          headers,
          (text) => overHttp({ target: '/orders/7', raw: ['x-forwarded-client-cert', text] }, { xfcc }),
          ['', 'Cert="', 'Hash=a;Subject="', 'By=;'.repeat(60)],
          ['', `";URI=${SHOP}`, `,By=${SIDECAR};URI=${SHOP}`],
        ),
      { door: 'HTTP' },
    ),
  ),
  row(
    'number of headers',
    '256 lines',
    function* () {
      const many = (name: (n: number) => string, value = 'x') =>
        overHttp(
          { target: '/healthz', raw: Array.from({ length: 256 }, (_, n) => [name(n), value]).flat() },
          {},
        );
      yield ['spellings of a managed header', many(spelling)];
      yield ['one name', many(() => 'x-a', 'a'.repeat(200))];
      yield ['blanks around', many((n) => `x-${n}`, ' '.repeat(200))];
    },
    { door: 'HTTP' },
  ),
  row(
    'x-original-url',
    '60 KiB',
    () =>
      shaped(headers, (text) => described({ 'x-original-url': text }), [
        '',
        'https://',
        'https://a/',
        'https://orders.example.com/bearer/a?',
      ]),
    { door: 'forward auth' },
  ),
  row(
    'client certificate header',
    '60 KiB',
    () => shaped(headers, (text) => described({ 'ssl-client-cert': text })),
    { door: 'forward auth' },
  ),
  row(
    'client certificate header as long as one is read',
    '12 KiB',
    () => shaped(11_500, (text) => described({ 'ssl-client-cert': text }), ['', 'MII']),
    { door: 'forward auth' },
  ),
  row(
    "query of the proxy's own",
    '60 KiB',
    () =>
      shaped(headers, (text) => described({}, text), [
        '/auth?',
        '/auth?allowed_groups=',
        '/auth?allowed_email_domains=a&allowed_groups=',
      ]),
    { door: 'forward auth' },
  ),
  row(
    "query of the proxy's own, by number",
    '60 KiB',
    function* () {
      for (const one of ['allowed_groups=a', 'allowed_groups', 'allowed_email_domains=*.a'])
        yield [
          one,
          described(
            {},
            `/auth?${Array.from({ length: Math.floor(headers / 22) }, (_, n) => `${one}${n}`).join('&')}`,
          ),
        ];
    },
    { door: 'forward auth' },
  ),
];

const token = (claims: Record<string, unknown>) =>
  `Bearer ${signer.sign(goodClaims({ aud: 'orders', ...claims }))}`;

/** A token that its issuer signed, and as long as one may be. */
export const tokenRows: readonly Row[] = [
  ...['sub', 'email', 'preferred_username', 'scope', 'client_id', 'tenant', 'typ', 'jti'].map((name) =>
    row(
      `claim ${name}`,
      '12 KiB',
      () =>
        shaped(11_500, (text) => check({ headers: { authorization: token({ [name]: text }) } }), ['', 'a']),
      { token: 'valid' as const },
    ),
  ),
  ...['groups', 'scp', 'aud', 'tenant', 'cnf', 'act', 'any'].map((name) =>
    row(
      `claim ${name}, a list`,
      '12 KiB',
      function* () {
        const many = (of: (n: number) => unknown, size: number) =>
          Array.from({ length: Math.floor(11_000 / size) }, (_, n) => of(n));
        const lists = {
          letters: many(() => 'a', 4),
          texts: many((n) => `g${n}`, 8),
          empty: many(() => '', 3),
          spaces: many(() => ' '.repeat(90), 93),
          lists: many(() => [], 3),
        };
        for (const [what, value] of Object.entries(lists))
          yield [
            what,
            check({
              headers: { authorization: token({ [name]: name === 'aud' ? [...value, 'orders'] : value }) },
            }),
          ];
      },
      { token: 'valid' as const },
    ),
  ),
  row(
    'managed headers of the client, beside a token',
    '60 KiB',
    function* () {
      yield ['spellings', check({ headers: { ...names(1_500, spelling), authorization: token({}) } })];
    },
    { token: 'valid' },
  ),
];

export const allRows: readonly Row[] = [...grpcRows, ...httpRows, ...tokenRows];
