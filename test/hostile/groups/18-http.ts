import type { Group, HeaderLines } from '../case.ts';
import { element } from '../check.ts';
import { type Fixture, SHOP } from '../fixture.ts';
import type { HttpCase, Setup } from '../http-case.ts';
import { OWN } from '../http-world.ts';
import { http } from '../makers/http.ts';

/** As our own sidecar writes about the proxy that asks. */
const own = ({ senders }: Fixture) => element(senders.orders).replace(/By=[^;]*/, `By=${OWN}`);
const shop = ({ senders }: Fixture) => element(senders.shop);
const till = ({ senders }: Fixture) => element(senders.till);
const xfcc = (value: string): HeaderLines => [['x-forwarded-client-cert', value]];

/** A bound token of the shop at a place where the certificate has to prove it. */
const bound = (
  setup: Setup,
  header: (f: Fixture) => string,
  reason: HttpCase['reason'],
  prefix = '',
): HttpCase =>
  http(setup, (f) => ({ target: `${prefix}/bound`, token: f.bound(), headers: xfcc(header(f)) }), reason);

export const group: Group = {
  number: 18,
  title: 'HTTP door and forward-auth',
  items: {
    'headers of other proxies in a check of Envoy': {
      source: 'CVE-2026-40575; CVE-2025-54576',
      http: {
        ...Object.fromEntries(
          [
            ['x-original-uri', '/public/x'],
            ['x-original-url', 'https://x.public.test/public/x'],
            ['x-original-method', 'OPTIONS'],
            ['x-original-host', 'x.public.test'],
            ['x-forwarded-uri', '/public/x'],
            ['x-forwarded-host', 'x.public.test'],
            ['x-forwarded-method', 'OPTIONS'],
            ['x-forwarded-prefix', '/public'],
            ['x-envoy-original-path', '/public/x'],
          ].map(([name = '', value = '']) => [
            `${name}: ${value}`,
            http('check', { target: '/admin/x', headers: [[name, value]] }, 'token_missing'),
          ]),
        ),
        'a token that passes': http('check', ({ token }) => ({ target: '/bearer/x', token }), 'allowed', {
          seen: {
            headers: {
              'x-auth-request-user': 'alice',
              'x-auth-request-email': null,
              'x-client-certificate': null,
            },
          },
        }),
        'forged identity headers': http(
          'check',
          {
            target: '/public/x',
            headers: [
              ['x-auth-request-user', 'root'],
              ['x_auth_request_user', 'root'],
              ['x-auth_request-user', 'root'],
            ],
          },
          'public',
          {
            seen: {
              headers: {
                'x-auth-request-user': null,
                x_auth_request_user: null,
                'x-auth_request-user': null,
              },
            },
          },
        ),
      },
    },
    'XFCC at each `http.xfcc`': {
      source: 'Envoy: x-forwarded-client-cert',
      http: {
        'none: an element of the shop': bound('check', shop, 'binding_peer_missing'),
        'none: rubbish': bound('check', () => 'rubbish', 'binding_peer_missing'),
        'none: x-client-certificate': http(
          'check',
          (f) => ({
            target: '/bound',
            token: f.bound(),
            headers: [['x-client-certificate', f.senders.shop.urlEncodedPem]],
          }),
          'binding_peer_missing',
        ),
        'direct: the element of the shop': bound('direct', shop, 'allowed', '/check'),
        'direct: the till, before it the shop': bound(
          'direct',
          (f) => `${shop(f)},${till(f)}`,
          'binding_certificate_mismatch',
          '/check',
        ),
        'direct: the shop, and behind it what our own sidecar says of the proxy that asks': bound(
          'direct',
          (f) => `${shop(f)},${own(f)}`,
          'peer_own_sidecar',
          '/check',
        ),
        'direct: the shop, before it a forged element by us': bound(
          'direct',
          (f) => `By=${OWN};Hash=${f.senders.till.sha256Hex};URI=${SHOP},${shop(f)}`,
          'allowed',
          '/check',
        ),
        'direct: rubbish': bound('direct', () => 'rubbish', 'peer_forwarded_malformed', '/check'),
        'direct: in two lines': http(
          'direct',
          (f) => ({
            target: '/check/bound',
            token: f.bound(),
            headers: [...xfcc(shop(f)), ...xfcc(till(f))],
          }),
          'binding_certificate_mismatch',
        ),
        'direct: an open quote': bound(
          'direct',
          (f) => `${shop(f)};Subject="`,
          'peer_forwarded_malformed',
          '/check',
        ),
        'direct: a name with _': http(
          'direct',
          (f) => ({
            target: '/check/bound',
            token: f.bound(),
            headers: [['x_forwarded_client_cert', shop(f)]],
          }),
          'binding_peer_missing',
        ),
        'sidecar: the shop, and then our own': bound('sidecar', (f) => `${shop(f)},${own(f)}`, 'allowed'),
        'sidecar: the shop alone, past the sidecar': bound('sidecar', shop, 'peer_forwarded_ambiguous'),
        'sidecar: our own alone': bound('sidecar', own, 'binding_peer_missing'),
        'sidecar: nothing at all': http(
          'sidecar',
          (f) => ({ target: '/bound', token: f.bound() }),
          'binding_peer_missing',
        ),
        'sidecar: the shop, the till, and then our own': bound(
          'sidecar',
          (f) => `${shop(f)},${till(f)},${own(f)}`,
          'binding_certificate_mismatch',
        ),
        'sidecar: our own first': bound('sidecar', (f) => `${own(f)},${shop(f)}`, 'peer_forwarded_ambiguous'),
        'sidecar: by somebody who is called like it': bound(
          'sidecar',
          (f) => `${shop(f)},${own(f).replace(OWN, `${OWN}2`)}`,
          'peer_forwarded_ambiguous',
        ),
        'sidecar: By twice': bound(
          'sidecar',
          (f) => `${shop(f)},By=${OWN};${own(f)}`,
          'peer_forwarded_ambiguous',
        ),
        'sidecar: an open quote that swallows our own': bound(
          'sidecar',
          (f) => `${shop(f)};Subject=",${own(f)}`,
          'peer_forwarded_malformed',
        ),
        'sidecar: the JSON form': bound(
          'sidecar',
          () => JSON.stringify([{ By: OWN, URI: SHOP }]),
          'peer_forwarded_malformed',
        ),
      },
    },
  },
};
