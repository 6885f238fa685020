import { type AtEnvoy, type Case, each, type Group, type Input } from '../case.ts';
import { element } from '../check.ts';
import { type Fixture, ORDERS, SHOP, TRUST_DOMAIN } from '../fixture.ts';
import type { HttpCase } from '../http-case.ts';
import { OWN } from '../http-world.ts';
import { http } from '../makers/http.ts';

const DOCS = `spiffe://${TRUST_DOMAIN}/ns/docs/sa/docs`;
const BILLING = `spiffe://${TRUST_DOMAIN}/ns/billing/sa/billing`;

/** The proxy of this Envoy is that of `orders`. */
const elsewhere: AtEnvoy = { cannot: 'the proxy that asks has another certificate' };

const owned = (
  input: Input | ((f: Fixture) => Input),
  reason: Case['reason'],
  more: Partial<Case> = {},
): Case => ({
  send: typeof input === 'function' ? input : () => input,
  reason,
  world: 'owned',
  ...more,
});

/** Words of a client about the workload that it asks for. */
const claimed: readonly (readonly [string, string])[] = [
  ['x-forwarded-client-cert', `By=${DOCS};URI=${SHOP}`],
  ['x-forwarded-client-cert', `By=${DOCS}`],
  ['x-forwarded-host', 'docs.test'],
  ['x-envoy-original-host', 'docs.test'],
  ['x-envoy-peer-metadata-id', 'docs'],
  ['x-istio-attributes', DOCS],
  ['destination.principal', DOCS],
];

const hosts = [
  'docs.test',
  'DOCS.test',
  'docs.test:80',
  'docs.test.',
  'docs.docs.svc.cluster.local',
  'a.public.test',
];

/** At a workload that the proxy names like this. */
const at = (destination: string, input: Input, reason: Case['reason']): Case =>
  owned({ ...input, destination }, reason, { envoy: elsewhere });

/** What a proxy of `orders` writes when it asks over HTTP. */
const written = (f: Fixture, by = ORDERS) => element(f.senders.shop).replace(/By=[^;]*/, `By=${by}`);
const ownElement = (f: Fixture) => element(f.senders.orders).replace(/By=[^;]*/, `By=${OWN}`);

const asked = (
  setup: HttpCase['setup'],
  header: (f: Fixture) => string | undefined,
  reason: HttpCase['reason'],
  host = 'docs.test',
): HttpCase =>
  http(
    setup,
    (f) => {
      const value = header(f);
      return {
        host,
        target: '/x',
        ...(host === 'orders.example.com' && { token: f.token }),
        headers: value === undefined ? [] : [['x-forwarded-client-cert', value]],
      };
    },
    reason,
  );

export const group: Group = {
  number: 21,
  title: 'The called workload',
  items: {
    'the Host of another workload': {
      source: 'attacks 20: at a sidecar the Host is the caller\u2019s word',
      cases: {
        ...each(hosts, (host) => [host, owned({ host, path: '/x' }, 'no_rule')]),
        'with a good token': owned((f) => ({ host: 'docs.test', path: '/x', token: f.token }), 'no_rule'),
        'a path of another workload': owned((f) => ({ path: '/docs/x', token: f.token }), 'allowed'),
        'a path of another workload, without a token': owned({ path: '/docs/x' }, 'token_missing'),
        'its own Host': owned((f) => ({ path: '/x', token: f.token }), 'allowed'),
        'its own Host, over mTLS': owned(
          (f) => ({ path: '/x', token: f.token, sender: f.senders.shop }),
          'allowed',
        ),
      },
    },
    'headers of the client that name a workload': {
      source: 'CVE-2026-26308; CVE-2024-45806',
      cases: each(claimed, ([name, value]) => [
        `${name}: ${value}`,
        owned(
          (f) => ({ host: 'docs.test', path: '/docs', sender: f.senders.shop, headers: [[name, value]] }),
          'no_rule',
        ),
      ]),
    },
    'the workload that the proxy names': {
      source: 'X.509-SVID §2',
      cases: {
        'the workload of the rule': at(DOCS, { host: 'docs.test', path: '/x' }, 'public'),
        'another of its patterns': at(
          `spiffe://${TRUST_DOMAIN}/ns/applications/sa/docs`,
          { path: '/docs/x' },
          'public',
        ),
        'an orders token at billing': {
          ...owned((f) => ({ destination: BILLING, token: f.token, path: '/x' }), 'scope_missing', {
            envoy: elsewhere,
          }),
          scope: 'invoices',
        },
        ...each(
          [
            '',
            'docs.test',
            'CN=docs',
            `${DOCS}/`,
            `${DOCS}.evil/../docs`,
            `SPIFFE://${TRUST_DOMAIN}/ns/docs/sa/docs`,
            `spiffe://${TRUST_DOMAIN.toUpperCase()}/ns/docs/sa/docs`,
            `spiffe://evil.${TRUST_DOMAIN}/ns/docs/sa/docs`,
            `spiffe://${TRUST_DOMAIN}/ns/docs2/sa/docs`,
            `spiffe://${TRUST_DOMAIN}/ns/docs`,
            `spiffe://${TRUST_DOMAIN}`,
            `spiffe://${TRUST_DOMAIN}/ns/docs/sa/%2e`,
            `spiffe://${TRUST_DOMAIN}/ns/*/sa/docs`,
            `${DOCS},${DOCS}`,
          ],
          (name) => [JSON.stringify(name), at(name, { host: 'docs.test', path: '/docs' }, 'no_rule')],
        ),
      },
    },
    'the port that was connected to': {
      source: 'attacks 20',
      cases: {
        'another port': owned({ path: '/x', host: 'metrics' }, 'no_rule'),
        'the port in the Host': owned({ path: '/x', host: 'metrics:9090' }, 'no_rule'),
        'the port itself': owned({ path: '/x', host: 'metrics', port: 9090 }, 'public', {
          envoy: { cannot: 'its listeners have other ports' },
        }),
        'the port itself, of another workload': owned(
          { path: '/x', host: 'metrics', port: 9090, destination: DOCS },
          'no_rule',
          { envoy: elsewhere },
        ),
      },
    },
    '`By` over HTTP': {
      source: 'Envoy: By of XFCC',
      http: {
        'of the proxy that asks, a Host of another': asked('owned', (f) => written(f), 'no_rule'),
        'of the proxy that asks, its own Host': asked(
          'owned',
          (f) => written(f),
          'allowed',
          'orders.example.com',
        ),
        'of docs': asked('owned', (f) => written(f, DOCS), 'public'),
        'in an element of the client before it': asked(
          'owned',
          (f) => `${written(f, DOCS)},${written(f)}`,
          'no_rule',
        ),
        'two of them': asked('owned', (f) => written(f, `${DOCS};By=${ORDERS}`), 'no_rule'),
        'two of them, docs last': asked('owned', (f) => written(f, `${ORDERS};By=${DOCS}`), 'no_rule'),
        'the same twice': asked('owned', (f) => written(f, `${DOCS};By=${DOCS}`), 'no_rule'),
        'in quotes with a comma': asked('owned', (f) => written(f, `"${DOCS},x"`), 'no_rule'),
        empty: asked('owned', (f) => written(f, ''), 'no_rule'),
        'no element at all': asked('owned', () => undefined, 'no_rule'),
        'a header that cannot be read': asked('owned', (f) => `${written(f, DOCS)};Role=x`, 'no_rule'),
        'where xfcc is not believed': asked('owned-none', (f) => written(f, DOCS), 'no_rule'),
        'behind an own sidecar': asked(
          'owned-sidecar',
          (f) => `${written(f, DOCS)},${ownElement(f)}`,
          'public',
        ),
        'behind an own sidecar, of orders': asked(
          'owned-sidecar',
          (f) => `${written(f)},${ownElement(f)}`,
          'no_rule',
        ),
        'behind an own sidecar, in the element about the proxy alone': asked(
          'owned-sidecar',
          (f) => ownElement(f),
          'no_rule',
        ),
        'a port, which is not known': asked('owned', (f) => written(f), 'no_rule', 'metrics:9090'),
      },
    },
  },
};
