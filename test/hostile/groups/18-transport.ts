import type { Group } from '../case.ts';
import { http } from '../makers/http.ts';

const malformed = 'request_malformed';

/** Pages that services of this kind answer by themselves: a 200 would be an allow for Envoy. */
const pages = [
  '/',
  '/ping',
  '/ready',
  '/healthz2',
  '/robots.txt',
  '/metrics',
  '/oauth2/sign_in',
  '/oauth2/static/x',
  '/oauth2/auth',
];

export const group: Group = {
  number: 18,
  title: 'HTTP door and forward-auth',
  items: {
    'paths of the port itself': {
      source: 'oauth2-proxy issue 3083; GHSA-7f9x-gw85-8grf',
      http: {
        ...Object.fromEntries(pages.map((target) => [target, http('check', { target }, 'no_rule')])),
        ...Object.fromEntries(
          pages.map((target) => [`${target} without a prefix`, http('direct', { target }, malformed)]),
        ),
        ...Object.fromEntries(
          (
            [
              ['//', 'path_ambiguous'],
              ['//admin/x', 'path_ambiguous'],
              ['/public/../admin/x', 'path_ambiguous'],
              ['/public/%2e%2e/admin/x', 'path_ambiguous'],
              ['/public%2fx', 'path_ambiguous'],
              ['/public;x', 'path_ambiguous'],
              ['/public/x#y', 'path_ambiguous'],
              ['/public/x?y=/../z', 'public'],
              ['http://orders.example.com/public/x', 'path_ambiguous'],
              ['http://x.public.test/any', 'path_ambiguous'],
              ['*', 'path_ambiguous'],
            ] as const
          ).map(([target, reason]) => [JSON.stringify(target), http('check', { target }, reason)]),
        ),
        'the prefix alone': http('direct', { target: '/check' }, malformed),
        'more than the prefix': http('direct', { target: '/checkx/public/x' }, malformed),
        'the prefix twice': http('direct', { target: '/check/check/public/x' }, 'no_rule'),
        'the prefix escaped': http('direct', { target: '/%63heck/public/x' }, malformed),
        'the prefix in capitals': http('direct', { target: '/CHECK/public/x' }, malformed),
        'dots behind the prefix': http('direct', { target: '/check/../public/x' }, 'path_ambiguous'),
        'two slashes behind the prefix': http('direct', { target: '/check//public/x' }, 'path_ambiguous'),
        'a question mark behind the prefix': http('direct', { target: '/check?/public/x' }, malformed),
      },
    },
    'Authorization, host and method over HTTP': {
      source: 'RFC 9112 §3, §5; RFC 9110 §5.3, §7.2',
      http: {
        'Authorization twice': http(
          'check',
          ({ token }) => ({ token, headers: [['Authorization', 'Bearer x']] }),
          'authorization_ambiguous',
        ),
        'Authorization twice, Basic first': http(
          'check',
          ({ token }) => ({
            headers: [
              ['Authorization', 'Basic x'],
              ['Authorization', `Bearer ${token}`],
            ],
          }),
          'authorization_ambiguous',
        ),
        'Authorization that is empty, and another': http(
          'check',
          ({ token }) => ({
            headers: [
              ['Authorization', ''],
              ['Authorization', `Bearer ${token}`],
            ],
          }),
          'authorization_ambiguous',
        ),
        'Host twice': http(
          'check',
          { host: 'orders.example.com', target: '/any', headers: [['Host', 'a.public.test']] },
          malformed,
        ),
        'Host that is empty': http('check', { host: '', target: '/public/x' }, malformed),
        'Host with a user': http('check', { host: 'x@a.public.test', target: '/any' }, malformed),
        'Host with a comma': http('check', { host: 'a.public.test,b', target: '/any' }, malformed),
        'a method that nobody knows': http('check', { method: 'GETX', target: '/public/x' }, undefined, {
          status: 400,
        }),
        'a method in lower case': http('check', { method: 'get', target: '/public/x' }, undefined, {
          status: 400,
        }),
        CONNECT: http('check', { method: 'CONNECT', target: 'orders.example.com:443' }, undefined, {
          status: 403,
        }),
        TRACE: http('check', { method: 'TRACE', target: '/public/x' }, 'no_rule'),
        'X-HTTP-Method-Override': http(
          'check',
          { method: 'POST', target: '/public/x', headers: [['x-http-method-override', 'GET']] },
          'no_rule',
        ),
        'a length and a coding': http(
          'check',
          {
            target: '/public/x',
            headers: [
              ['content-length', '5'],
              ['transfer-encoding', 'chunked'],
            ],
          },
          undefined,
          { status: 400, source: 'RFC 9112 §6.1: request smuggling' },
        ),
        'two lengths': http(
          'check',
          {
            target: '/public/x',
            headers: [
              ['content-length', '0'],
              ['content-length', '5'],
            ],
          },
          undefined,
          { status: 400 },
        ),
        'a coding that nobody knows': http(
          'check',
          { target: '/admin/x', headers: [['transfer-encoding', 'xchunked']] },
          undefined,
          { status: 400 },
        ),
        'a space before a colon': http(
          'check',
          { target: '/public/x', headers: [['x-odd ', 'x']] },
          undefined,
          { status: 400 },
        ),
        'a NUL in a header': http('check', { target: '/public/x', headers: [['x-odd', 'a\0b']] }, undefined, {
          status: 400,
        }),
        'more lines than are served': http(
          'check',
          {
            target: '/public/x',
            headers: Array.from({ length: 300 }, (_, number) => [`x-${number}`, 'x'] as const),
          },
          undefined,
          { status: 431 },
        ),
        '70 KB of headers': http(
          'check',
          { target: '/public/x', headers: [['x-odd', 'x'.repeat(70_000)]] },
          undefined,
          { status: 431 },
        ),
        'bytes that are not UTF-8': http(
          'check',
          ({ token }) => ({ target: '/bearer', token, headers: [['x-odd', '\xff\xfe']] }),
          'allowed',
        ),
        'a patience of nothing': http(
          'check',
          ({ token }) => ({
            target: '/bearer',
            token,
            headers: [['x-envoy-expected-rq-timeout-ms', '0.000001']],
          }),
          'deadline_exceeded',
        ),
        ...Object.fromEntries(
          ['0', '-1', 'NaN', 'x', 'Infinity', '1e400', '5,5'].map((patience) => [
            `a patience of ${patience}`,
            http(
              'check',
              ({ token }) => ({
                target: '/bearer',
                token,
                headers: [['x-envoy-expected-rq-timeout-ms', patience]],
              }),
              'allowed',
            ),
          ]),
        ),
      },
    },
  },
};
