import type { Group } from '../case.ts';
import { element } from '../check.ts';
import type { HttpCase } from '../http-case.ts';
import { asks, endpoint, plain, usual, written } from '../makers/forward-auth.ts';

const malformed = 'request_malformed';
const notAllowed = 'proxy_not_allowed';

const demand = (query: string, claims: Record<string, unknown>, reason: HttpCase['reason']): HttpCase =>
  asks('nginx', {}, reason, (f) => ({ target: `${endpoint}?${query}`, token: f.sign(claims) }));

export const group: Group = {
  number: 18,
  title: 'HTTP door and forward-auth',
  items: {
    'addresses that may send checks': {
      source: 'CVE-2026-40575; docs/deploy/nginx-caddy-traefik.md: proxies',
      http: {
        'from another address': plain(
          'foreign',
          ({ token }) => ({ target: endpoint, token, headers: written.nginx(usual) }),
          notAllowed,
        ),
        'from another address, with the words of a proxy': plain(
          'foreign',
          ({ token }) => ({
            target: endpoint,
            token,
            headers: [
              ...written.nginx(usual),
              ['x-forwarded-for', '10.0.0.1'],
              ['x-real-ip', '10.0.0.1'],
              ['forwarded', 'for=10.0.0.1'],
              ['proxy-protocol', '10.0.0.1'],
            ],
          }),
          notAllowed,
        ),
        'from another address, about something public': plain(
          'foreign',
          () => ({ target: endpoint, headers: written.nginx({ ...usual, path: '/public/x' }) }),
          notAllowed,
        ),
        'from an address that is named': plain(
          'foreign',
          ({ token }) => ({ target: endpoint, token, headers: written.nginx(usual) }),
          'allowed',
          { from: '127.0.0.2' },
        ),
        'from an address beside it': plain(
          'foreign',
          ({ token }) => ({ target: endpoint, token, headers: written.nginx(usual) }),
          notAllowed,
          { from: '127.0.0.3' },
        ),
      },
    },
    'the host that the proxy routed by': {
      source: 'nginx: $http_host against $host',
      http: Object.fromEntries(
        (
          [
            ['the same', 'orders.example.com', 'orders.example.com', 'allowed'],
            [
              'the same with a port and in another case',
              'Orders.Example.com:8443',
              'orders.example.com',
              'allowed',
            ],
            ['a public one, where another was served', 'x.public.test', 'orders.example.com', malformed],
            ['another one, where a public was served', 'orders.example.com', 'x.public.test', malformed],
            ['one that ends alike', 'evil-orders.example.com', 'orders.example.com', malformed],
            ['none', 'orders.example.com', '', malformed],
            ['two in one line', 'orders.example.com', 'orders.example.com,x.public.test', malformed],
          ] as const
        ).map(([what, said, routed, reason]) => [
          what,
          plain(
            'ingress',
            ({ token }) => ({
              target: endpoint,
              token,
              headers: written
                .ingress({ ...usual, host: said })
                .map(([name, value]) => [name, name === 'X-Original-Host' ? routed : value] as const),
            }),
            reason,
          ),
        ]),
      ),
    },
    '`/oauth2/auth` tricks': {
      source: 'CVE-2026-41059; oauth2-proxy: allowed_groups, allowed_emails',
      http: {
        ...Object.fromEntries(
          [
            '/oauth2/auth/',
            '/oauth2/auth/x',
            '/OAUTH2/auth',
            '/oauth2/auth;x',
            '/oauth2%2Fauth',
            '//oauth2/auth',
            '/./oauth2/auth',
            '/x/../oauth2/auth',
            '/oauth2/authx',
            '/oauth2',
            '/oauth2/auth%3F',
            '/oauth2/auth%00',
            '/oauth2/auth#x',
          ].map((target): [string, HttpCase] => [
            `${target} is no such check`,
            plain('ingress', ({ token }) => ({ target, token, headers: written.ingress(usual) }), malformed),
          ]),
        ),
        'in the absolute form': plain(
          'ingress',
          ({ token }) => ({
            target: 'http://orders.example.com/oauth2/auth',
            token,
            headers: written.ingress(usual),
          }),
          malformed,
        ),
        'under the prefix of Envoy, it is a path like any other': plain(
          'nginx',
          () => ({ target: '/check/oauth2/auth', headers: written.nginx({ ...usual, path: '/public/x' }) }),
          'no_rule',
        ),
        POST: asks('nginx', {}, 'allowed', ({ token }) => ({ method: 'POST', token })),
        'a query without anything': asks('nginx', {}, 'allowed', ({ token }) => ({
          target: `${endpoint}?`,
          token,
        })),
        'a group that is there': demand('allowed_groups=ops', { groups: ['ops'] }, 'allowed'),
        'a group that is not': demand('allowed_groups=admin', { groups: ['ops'] }, 'group_not_allowed'),
        'a group with a comma in it': demand(
          'allowed_groups=admin',
          { groups: ['ops,admin'] },
          'group_not_allowed',
        ),
        'a group in other letters': demand('allowed_groups=ops', { groups: ['OPS'] }, 'group_not_allowed'),
        'no group at all': demand('allowed_groups=ops', {}, 'group_not_allowed'),
        'an empty list': demand('allowed_groups=', { groups: ['', 'ops'] }, 'group_not_allowed'),
        'an empty list beside one that is met': demand(
          'allowed_groups=&allowed_groups=ops',
          { groups: ['ops'] },
          'allowed',
        ),
        'two lists, one of which is not met': demand(
          'allowed_groups=ops&allowed_emails=b@example.com',
          { groups: ['ops'], email: 'a@example.com' },
          'email_not_allowed',
        ),
        'an unknown parameter': demand('allowed_group=ops', { groups: ['ops'] }, malformed),
        'a parameter of a login': demand('rd=https://evil.example', {}, malformed),
        '__proto__ as a parameter': demand('__proto__=x', {}, malformed),
        'a domain that only ends alike': demand(
          'allowed_email_domains=example.com',
          { email: 'a@evilexample.com' },
          'email_not_allowed',
        ),
        'a domain below it': demand(
          'allowed_email_domains=example.com',
          { email: 'a@x.example.com' },
          'email_not_allowed',
        ),
        'a domain below it, where these are meant': demand(
          'allowed_email_domains=.example.com',
          { email: 'a@x.example.com' },
          'allowed',
        ),
        'two @': demand(
          'allowed_email_domains=example.com',
          { email: 'a@evil.example@example.com' },
          'email_not_allowed',
        ),
        'an address with a NUL': demand(
          'allowed_email_domains=example.com',
          { email: 'a@evil.example\0@example.com' },
          'email_not_allowed',
        ),
        'an address that is not verified': demand(
          'allowed_email_domains=example.com',
          { email: 'a@example.com', email_verified: false },
          'email_not_allowed',
        ),
        'a domain with a homoglyph': demand(
          'allowed_email_domains=example.com',
          { email: 'a@ex\u0430mple.com' },
          'email_not_allowed',
        ),
        'a demand at a public path': asks(
          'nginx',
          { path: '/public/x' },
          'group_not_allowed',
          ({ token }) => ({ target: `${endpoint}?allowed_groups=ops`, token }),
        ),
      },
    },
    'the certificate of the client': {
      source: 'nginx: ssl_client_escaped_cert',
      http: {
        'in its header': asks('nginx', { path: '/bound' }, 'allowed', (f) => ({
          token: f.bound(),
          headers: [['x-client-certificate', f.senders.shop.urlEncodedPem]],
        })),
        'of another workload': asks('nginx', { path: '/bound' }, 'binding_certificate_mismatch', (f) => ({
          token: f.bound(),
          headers: [['x-client-certificate', f.senders.till.urlEncodedPem]],
        })),
        'twice, by the proxy and by the client': asks(
          'nginx',
          { path: '/bound' },
          'peer_certificate_malformed',
          (f) => ({
            token: f.bound(),
            headers: [
              ['x-client-certificate', f.senders.shop.urlEncodedPem],
              ['x-client-certificate', f.senders.till.urlEncodedPem],
            ],
          }),
        ),
        empty: asks('nginx', { path: '/bound' }, 'binding_peer_missing', (f) => ({
          token: f.bound(),
          headers: [['x-client-certificate', '']],
        })),
        'in XFCC, which does not count there': asks(
          'nginx',
          { path: '/bound' },
          'binding_peer_missing',
          (f) => ({ token: f.bound(), headers: [['x-forwarded-client-cert', element(f.senders.shop)]] }),
        ),
        'in a header that is not set up': asks(
          'ingress',
          { path: '/bound' },
          'binding_peer_missing',
          (f) => ({
            token: f.bound(),
            headers: [
              ['x-client-certificate', f.senders.shop.urlEncodedPem],
              ['ssl-client-cert', f.senders.shop.urlEncodedPem],
            ],
          }),
        ),
        'in a name with _': asks('nginx', { path: '/bound' }, 'binding_peer_missing', (f) => ({
          token: f.bound(),
          headers: [['x_client_certificate', f.senders.shop.urlEncodedPem]],
        })),
        'at a check of Envoy, where it does not count': plain(
          'nginx',
          (f) => ({
            target: '/check/bound',
            token: f.bound(),
            headers: [['x-client-certificate', f.senders.shop.urlEncodedPem]],
          }),
          'binding_peer_missing',
        ),
        expired: asks('nginx', { path: '/bound' }, 'peer_certificate_expired', (f) => ({
          token: f.bound(),
          headers: [['x-client-certificate', f.senders.expired.urlEncodedPem]],
        })),
      },
    },
  },
};
