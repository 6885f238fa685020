import { presets } from '../../../src/core/identity/presets.ts';
import { type Case, each, type Group, type HeaderLines } from '../case.ts';
import { SHOP } from '../fixture.ts';

const managed = Object.keys(presets.standard);
const ofOauth2Proxy = Object.keys(presets['oauth2-proxy']).filter((name) => !managed.includes(name));

/** What a forger writes; for XFCC in a form that can be read, or the request would not get far. */
export function forgedValue(name: string): string {
  return name.replaceAll('_', '-').toLowerCase() === 'x-forwarded-client-cert'
    ? `By=spiffe://forged/x;Hash=${'0'.repeat(64)};URI=spiffe://forged/y`
    : 'forged';
}

const lines = (names: readonly string[]): HeaderLines => names.map((name) => [name, forgedValue(name)]);

/** Each spelling that some framework takes for the name (CGI, WSGI, PHP and Rack turn `-` into `_`). */
const spellings: Record<string, (name: string) => readonly string[]> = {
  'as it is': (name) => [name],
  'in capitals': (name) => [name.toUpperCase()],
  twice: (name) => [name, name],
  'in two cases': (name) => [name, name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())],
  'with _': (name) => [name.replaceAll('-', '_')],
  'with _ in capitals': (name) => [name.replaceAll('-', '_').toUpperCase()],
  'with one _': (name) => [name.replace('-', '_'), name.replace(/-(?=[^-]*$)/, '_')],
  'with and without _': (name) => [name, name.replaceAll('-', '_')],
};

/** A public rule proves no identity, so each of them must be removed. */
const forgeries = Object.fromEntries(
  managed.flatMap((name) =>
    ['as it is', 'with _', 'with one _'].map((spelling): [string, Case] => [
      `${name} ${spelling}, where anyone may pass`,
      {
        send: () => ({ path: '/public', headers: lines(spellings[spelling]?.(name) ?? []) }),
        reason: 'public',
        seen: { headers: { [name]: null } },
      },
    ]),
  ),
);

/** All of them at once, beside a token that says who it is. */
const together = each(Object.keys(spellings), (spelling) => [
  `all ${spelling}, with a token`,
  {
    send: (f) => ({
      path: '/orders',
      sender: f.senders.shop,
      token: f.token,
      headers: lines(managed.flatMap((name) => spellings[spelling]?.(name) ?? [])),
    }),
    reason: 'allowed',
    seen: {
      headers: {
        'x-auth-request-user': 'alice',
        'x-auth-request-email': null,
        'x-auth-request-groups': null,
        'x-spiffe-id': SHOP,
        'x-client-certificate': null,
      },
    },
  } satisfies Case,
]);

const preset = Object.fromEntries(
  ofOauth2Proxy.flatMap((name) =>
    ['as it is', 'with _'].map((spelling): [string, Case] => [
      `${name} ${spelling}, in the preset of oauth2-proxy`,
      {
        send: () => ({ path: '/public', headers: lines(spellings[spelling]?.(name) ?? []) }),
        world: 'oauth2',
        reason: 'public',
        seen: { headers: { [name]: null } },
      },
    ]),
  ),
);

/** A claim that is not there leaves no room for the client's own header. */
const absent = each(['email', 'preferred-username', 'groups', 'scope'] as const, (claim) => [
  `no claim for x-auth-request-${claim}`,
  {
    send: (f) => ({
      path: '/bearer',
      token: f.token,
      headers: lines([`x-auth-request-${claim}`, `X-Auth-Request-${claim}`, `x_auth_request_${claim}`]),
    }),
    reason: 'allowed',
    seen: { headers: { [`x-auth-request-${claim}`]: null, 'x-auth-request-user': 'alice' } },
  } satisfies Case,
]);

const noSubject: Case = {
  send: (f) => ({
    path: '/bearer',
    token: f.sign({ sub: undefined }),
    headers: lines(['x-auth-request-user']),
  }),
  reason: 'allowed',
  seen: { headers: { 'x-auth-request-user': null } },
};

/** Headers by which one hop can make another drop or change ours. */
const hops: Record<string, HeaderLines> = {
  'Connection names ours': [['connection', 'x-auth-request-user, x-spiffe-id']],
  'Keep-Alive names ours': [['keep-alive', 'x-auth-request-user']],
  'x-envoy-auth-headers-to-remove of the client': [
    ['x-envoy-auth-headers-to-remove', 'x-auth-request-user, authorization'],
  ],
  'x-envoy-original-method of the client': [['x-envoy-original-method', 'DELETE']],
  'an upgrade to h2c': [
    ['connection', 'Upgrade, HTTP2-Settings'],
    ['upgrade', 'h2c'],
    ['http2-settings', 'AAMAAABkAAQAAP__'],
  ],
  'x-request-id of the client': [['x-request-id', '00000000-0000-0000-0000-000000000000']],
  'x-forwarded-for of the client': [['x-forwarded-for', '127.0.0.1']],
  'forwarded of the client (RFC 7239)': [['forwarded', 'for=127.0.0.1;by=proxy;host=x.public.test']],
};

export const group: Group = {
  number: 11,
  title: 'Identity headers',
  items: {
    'forge each managed header, with `_`, case and duplicate variants': {
      source: 'CVE-2025-64484; GHSA-vhr5-ggp3-qq85; CVE-2023-27487',
      cases: { ...forgeries, ...together, ...preset },
    },
    'spellings that some servers treat as the same name': {
      source: 'RFC 3875 §4.1.18; RFC 9110 §5.6.2: lighttpd writes _ for whatever is no letter and no digit',
      cases: each(['.', '~', '!', '+', '^', "'"], (sign) => [
        `with ${sign} for each -`,
        {
          send: (f) => ({
            path: '/orders',
            sender: f.senders.shop,
            token: f.token,
            headers: lines(managed.map((name) => name.replaceAll('-', sign))),
          }),
          reason: 'allowed',
        } satisfies Case,
      ]),
    },
    'a missing claim still removes the header': {
      source: 'CVE-2025-64484',
      cases: {
        ...absent,
        'no subject': noSubject,
        'a tenant of its own, by the settings': {
          send: (f) => ({
            path: '/bearer',
            token: f.token,
            headers: lines(['x-tenant-id', 'x_tenant_id', 'x-tenant_id']),
          }),
          reason: 'allowed',
          seen: { headers: { 'x-tenant-id': null } },
        },
        'the access token, where it is not passed on': {
          send: (f) => ({ path: '/bearer', token: f.token, headers: lines(['x-auth-request-access-token']) }),
          reason: 'allowed',
          seen: { headers: { 'x-auth-request-access-token': null } },
        },
        'an e-mail address that is not verified': {
          send: (f) => ({
            path: '/bearer',
            token: f.sign({ email: 'a@example.com', email_verified: false }),
            headers: lines(['x-auth-request-email']),
          }),
          reason: 'allowed',
          seen: { headers: { 'x-auth-request-email': null } },
        },
        'an e-mail address of which nobody says that it is verified': {
          send: (f) => ({
            path: '/bearer',
            token: f.sign({ email: 'a@example.com', email_verified: undefined }),
            headers: lines(['x-auth-request-email']),
          }),
          reason: 'allowed',
          seen: { headers: { 'x-auth-request-email': null } },
        },
        'an e-mail address that is not verified, in the preset of oauth2-proxy': {
          send: (f) => ({
            path: '/bearer',
            token: f.sign({ email: 'a@example.com', email_verified: 'false' }),
          }),
          world: 'oauth2',
          reason: 'email_not_verified',
        },
        'the names of a ServiceAccount, where there is none': {
          send: (f) => ({
            path: '/bearer',
            token: f.sign({ 'kubernetes.io': { namespace: 'kube-system' } }),
            headers: lines(['x-kubernetes-namespace', 'x-kubernetes-pod']),
          }),
          reason: 'allowed',
          seen: { headers: { 'x-kubernetes-namespace': null, 'x-kubernetes-pod': null } },
        },
      },
    },
    'headers that make a later server drop our headers': {
      source: 'CVE-2024-45806; RFC 9110 §7.6.1',
      cases: {
        ...Object.fromEntries(
          Object.entries(hops).map(([what, headers]): [string, Case] => [
            what,
            {
              send: (f) => ({ path: '/orders', sender: f.senders.shop, token: f.token, headers }),
              reason: 'allowed',
              seen: { headers: { 'x-auth-request-user': 'alice', 'x-spiffe-id': SHOP } },
            },
          ]),
        ),
        'a space before the colon': {
          send: (f) => ({
            path: '/orders',
            sender: f.senders.shop,
            token: f.token,
            headers: [['x-auth-request-user ', 'forged']],
          }),
          reason: 'allowed',
          source: 'RFC 9112 §5.1',
          envoy: { refuses: 400 },
        },
        'a second request behind a length and a coding': {
          send: (f) => ({
            path: '/orders',
            method: 'GET',
            sender: f.senders.shop,
            token: f.token,
            headers: [['transfer-encoding', 'chunked']],
            body: '0\r\n\r\nGET /admin/x HTTP/1.1\r\nHost: orders.example.com\r\n\r\n',
          }),
          reason: 'allowed',
          source: 'RFC 9112 §6.1, §11.2',
          envoy: { refuses: 400 },
        },
        'ninety headers of no meaning': {
          send: (f) => ({
            path: '/bearer',
            token: f.token,
            headers: Array.from({ length: 80 }, (_, number) => [`x-filler-${number}`, 'x'] as const),
          }),
          reason: 'allowed',
        },
        'more headers than Envoy takes': {
          send: (f) => ({
            path: '/bearer',
            token: f.token,
            headers: Array.from({ length: 120 }, (_, number) => [`x-filler-${number}`, 'x'] as const),
          }),
          reason: 'allowed',
          envoy: { refuses: 431 },
        },
      },
    },
  },
};
