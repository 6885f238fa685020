import { type AtEnvoy, type Case, each, type Group, request } from '../case.ts';

const ambiguous = 'path_ambiguous';

/** A way to `/admin` that some reader takes for one to `/public`, or the other way round. Nobody has a token. */
const path = (text: string, reason: Case['reason'], envoy?: AtEnvoy): [string, Case] => [
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text),
  { send: () => ({ path: text }), reason, ...(envoy && { envoy }) },
];
const paths = (...list: readonly (readonly [string, Case['reason'], AtEnvoy?])[]) =>
  Object.fromEntries(list.map(([text, reason, envoy]) => path(text, reason, envoy)));

const toAdmin: AtEnvoy = { normalised: 'token_missing' };
const toPublic: AtEnvoy = { normalised: 'public' };
const toNothing: AtEnvoy = { normalised: 'no_rule' };
const bad: AtEnvoy = { refuses: 400 };
const badIfNormal: AtEnvoy = { normalised: 400 };

/** Over HTTP/2 Envoy carries such bytes, and shows `!` for each; the application gets them as they are. */
const bytes = (text: string, envoy?: AtEnvoy): [string, Case] => [
  `${JSON.stringify(text)} over HTTP/2`,
  { send: () => ({ path: text }), reason: ambiguous, h2: true, ...(envoy && { envoy }) },
];

export const group: Group = {
  number: 12,
  title: 'Path, host and method',
  items: {
    '`//`': {
      source: 'CVE-2026-26205; Istio-2021-005; RFC 3986 §3.3',
      cases: paths(
        ['//admin/x', ambiguous],
        ['//public/x', ambiguous],
        ['/public//x', ambiguous],
        ['/public//', ambiguous],
        ['//', ambiguous],
        ['///', ambiguous],
        ['//evil.example/public/x', ambiguous],
        ['/public/x', 'public'],
        ['/public/', 'public'],
        ['/public', 'public'],
        ['/publicity', 'no_rule'],
        ['/Public/x', 'no_rule'],
        ['/', 'no_rule'],
      ),
    },
    '`/./`, `/../`': {
      source: 'GHSA-p224-6x5r-fjpm; RFC 3986 §5.2.4',
      cases: paths(
        ['/public/./x', ambiguous, toPublic],
        ['/public/../admin/x', ambiguous, toAdmin],
        ['/public/..', ambiguous, toNothing],
        ['/public/.', ambiguous, toPublic],
        ['/../admin/x', ambiguous, toAdmin],
        ['/public/x/../../admin/x', ambiguous, toAdmin],
        ['/public/.../x', 'public'],
        ['/public/..x', 'public'],
        ['/public/x..', 'public'],
        ['/public/ ../admin', ambiguous, bad],
      ),
    },
    '`%2e%2e`': {
      source: 'GHSA-p224-6x5r-fjpm; CVE-2021-41773',
      cases: paths(
        ['/public/%2e%2e/admin/x', ambiguous, toAdmin],
        ['/public/.%2E/admin/x', ambiguous, toAdmin],
        ['/public/%2e/x', ambiguous, toPublic],
        ['/public/%252e%252e/admin/x', ambiguous],
        ['/public/%25%32%65%25%32%65/admin/x', ambiguous],
        ['/public/%%32%65/admin/x', ambiguous],
        ['/public/%u002e%u002e/admin/x', ambiguous],
        ['/public/\uff0e\uff0e/admin/x', ambiguous, { cannot: 'a character that is no byte' }],
        ['/%61dmin/x', 'token_missing'],
        ['/%70ublic/x', 'public'],
        ['/public/%78', 'public'],
        ['/%41dmin/x', 'no_rule'],
      ),
    },
    '`%2F`': {
      source: 'Istio-2021-005; RFC 3986 §2.2',
      cases: paths(
        ['/public%2fx', ambiguous],
        ['/public%2F..%2Fadmin', ambiguous],
        ['/public/..%2fadmin/x', ambiguous],
        ['%2Fadmin', ambiguous, bad],
        ['/%2Fadmin/x', ambiguous],
        ['/public%252Fx', ambiguous],
      ),
    },
    '`%5c`': {
      source: 'WHATWG URL §4.4: \\ is / in special URLs',
      cases: paths(
        ['/public%5cx', ambiguous],
        ['/public/..%5cadmin', ambiguous],
        ['/public\\..\\admin\\x', ambiguous, toAdmin],
        ['/public\\x', ambiguous, toPublic],
        ['\\admin', ambiguous, bad],
        ['/\\admin/x', ambiguous],
      ),
    },
    '`;x`': {
      source: 'CVE-2026-73553; RFC 3986 §3.3',
      cases: paths(
        ['/public;x', ambiguous],
        ['/public/;x', ambiguous],
        ['/public/x;jsessionid=1', ambiguous],
        ['/admin;/../public/x', ambiguous, toPublic],
        ['/public/..;/admin/x', ambiguous, toAdmin],
        ['/public/%3bx', ambiguous],
        ['/;/admin/x', ambiguous],
      ),
    },
    '`?`, `#`': {
      source: 'CVE-2025-54576; CVE-2026-41059',
      cases: paths(
        ['/admin/x?/public/x', 'token_missing'],
        ['/admin/x?x=/healthz', 'token_missing'],
        ['/admin?/../public/x', 'token_missing'],
        ['/public/x?y=/../admin', 'public'],
        ['/public/x?y=%2e%2e/admin', 'public'],
        ['/public/x??', 'public'],
        ['/admin/x%3f/public', ambiguous],
        ['/public/x%23/admin', ambiguous],
        ['/public/x#/admin', ambiguous, bad],
        ['/admin/x#/public', ambiguous, bad],
        ['/admin#/../public/x', ambiguous, bad],
        ['#', ambiguous, bad],
        ['?/public/x', ambiguous, bad],
      ),
    },
    'absolute form, no slash': {
      source: 'RFC 9112 §3.2.2; CVE-2026-26205; GHSA-p77j-4mvh-x3m3',
      cases: {
        ...paths(
          [
            'http://orders.example.com/public/x',
            ambiguous,
            { becomes: 'public', why: 'Envoy takes host and path out of the absolute form' },
          ],
          [
            'http://orders.example.com/admin/x',
            ambiguous,
            { becomes: 'token_missing', why: 'Envoy takes host and path out of the absolute form' },
          ],
          [
            'http://x.public.test/admin/x',
            ambiguous,
            { becomes: 'token_missing', why: 'Envoy takes host and path out of the absolute form' },
          ],
          ['https:///admin/x', ambiguous, bad],
          ['public/x', ambiguous, bad],
          ['*', ambiguous, bad],
          ['orders.example.com:443', ambiguous, bad],
          ['javascript:alert(1)', ambiguous, bad],
        ),
        'no path at all': {
          send: () => ({ path: '' }),
          reason: 'request_malformed',
          envoy: { refuses: 400 },
        },
        'a gRPC method without its slash': request({ path: 'peerproof.test.Echo/Echo' }, ambiguous, {
          envoy: bad,
        }),
      },
    },
    'bad `%`, overlong UTF-8': {
      source: 'RFC 3986 §2.1; RFC 3629 §10',
      cases: {
        ...paths(
          ['/public/%', ambiguous],
          ['/public/%2', ambiguous],
          ['/public/%zz', ambiguous],
          ['/public/%c0%ae%c0%ae/admin', ambiguous],
          ['/public/%c0%af', ambiguous],
          ['/public/%e0%80%af', ambiguous],
          ['/public/%ed%a0%80', ambiguous],
          ['/public/%f4%90%80%80', ambiguous],
          ['/public/%ff', ambiguous],
          ['/public/%C3%A9', 'public'],
          ['/public/%00', ambiguous, badIfNormal],
          ['/public/%0a', ambiguous],
          ['/public/%0d%0aX:y', ambiguous],
          ['/public/%7f', ambiguous],
          ['/public/%20x', 'public'],
          ['/public/caf\xe9', ambiguous, bad],
          ['/public/\xff\xfe', ambiguous, bad],
          ['/public/|x', ambiguous, toPublic],
          ['/public/^x', ambiguous, toPublic],
          ['/public/"x"', ambiguous, toPublic],
          ['/public/<x>', ambiguous, toPublic],
          ['/public/{x}', ambiguous, toPublic],
          ['/public/[x]', ambiguous],
          ['/public/x y', ambiguous, bad],
          ['/public/\tx', ambiguous, bad],
          ['/public/\0', ambiguous, bad],
        ),
        ...each([8_193, 60_000], (length) => [
          `${length} characters`,
          { send: () => ({ path: `/public/${'x'.repeat(length - 8)}` }), reason: ambiguous } satisfies Case,
        ]),
        ...Object.fromEntries([
          bytes('/public/\xc0\xae\xc0\xae/admin'),
          bytes('/public/\xff'),
          bytes('/public/caf\xe9'),
          bytes('/public/\xc3\xa9', toPublic),
          bytes('/public/\x80\x81'),
        ]),
        '200 segments': { send: () => ({ path: `/public${'/x'.repeat(200)}` }), reason: ambiguous },
        '8,000 stars': { send: () => ({ path: `/public/${'*'.repeat(8_000)}` }), reason: 'public' },
        '127 segments that nearly match': {
          send: () => ({ path: `/admi${'/x'.repeat(126)}` }),
          reason: 'no_rule',
        },
      },
    },
  },
};
