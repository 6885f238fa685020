import type { Case, Group } from '../case.ts';
import { element } from '../check.ts';
import { type Fixture, GATEWAY, ORDERS, SHOP } from '../fixture.ts';
import { arrives, cert, gateway, hash, own, victim } from '../makers/forwarded.ts';

const malformed = 'peer_forwarded_malformed';
const ambiguous = 'peer_forwarded_ambiguous';
const notAllowed = 'peer_not_allowed';

/** The till sends this in its own name, and the proxy appends what it knows. */
const sends = (
  make: (f: Fixture) => string | readonly string[],
  reason: Case['reason'],
  hash?: Case['reason'],
): Case => ({
  send: (f) => ({
    path: '/peers',
    token: f.bound(),
    sender: f.senders.till,
    headers: [make(f)].flat().map((value) => ['X-Forwarded-Client-Cert', value] as const),
  }),
  reason,
  ...(hash && { hash }),
});

/** The till has stolen the token, and names the shop. */
const stolen = (path: string, reason: Case['reason']): Case => ({
  send: (f) => ({
    path,
    token: path === '/bound' ? f.bound() : f.token,
    sender: f.senders.till,
    headers: [['x-forwarded-client-cert', victim(f)]],
  }),
  reason,
});

/** A header that a client wrote before the element of the proxy. The attribute has the real peer. */
const quoting: Record<string, (f: Fixture) => string> = {
  'an open quote': (f) => `${victim(f)};Subject="`,
  'an open quote in Cert': (f) => `${victim(f)};Cert="-----BEGIN`,
  'an open quote and a backslash': (f) => `${victim(f)};DNS="\\`,
  'an open quote behind an escaped one': (f) => `By="a\\"${victim(f)}`,
  'a quote inside a value': (f) => `By=a"b;${hash(f, 'shop')}`,
  'text after a quoted value': (f) => `By="a"b;${hash(f, 'shop')}`,
  'a comma at the end': (f) => `${victim(f)},`,
  'a comma in front': (f) => `,${victim(f)}`,
  'a semicolon at the end': (f) => `${victim(f)};`,
  'a key at the end': (f) => `${victim(f)};URI`,
  'an unknown key': (f) => `${victim(f)};Role=admin`,
  'Hash twice': (f) => `${hash(f, 'till')};${hash(f, 'shop')};URI=${SHOP}`,
  'Cert twice': (f) => `${cert(f, 'till')};${cert(f, 'shop')}`,
  'the JSON form': (f) => JSON.stringify([{ Hash: f.senders.shop.sha256Hex, URI: SHOP }]),
  'the JSON form of one': () => JSON.stringify({ URI: SHOP }),
  'elements without end': () => Array.from({ length: 33 }, () => `URI=${SHOP}`).join(','),
  'pairs without end': () => Array.from({ length: 65 }, () => `URI=${SHOP}`).join(';'),
  rubbish: () => 'forged',
};

/** Well-formed elements of a client, which are not believed. */
const harmless: Record<string, (f: Fixture) => string | readonly string[]> = {
  'an element of the victim': victim,
  'with the certificate of the victim': (f) => `${victim(f)};${cert(f, 'shop')}`,
  'two elements of the victim': (f) => `${victim(f)},${victim(f)}`,
  'in two headers': (f) => [victim(f), victim(f)],
  'naming the gateway behind it': (f) => `${victim(f)},${gateway(f)}`,
  'an element in quotes': (f) => `By="${ORDERS},${victim(f).replaceAll('"', '\\"')}"`,
  'a bare backslash at its end': () => 'By=a\\',
  'an empty URI': () => 'URI=',
  'a space in front': (f) => ` ${victim(f)}`,
};

export const group: Group = {
  number: 8,
  title: 'Peer certificate',
  items: {
    'XFCC sent by the client': {
      source: 'Envoy: x-forwarded-client-cert, APPEND_FORWARD; CVE-2024-45806',
      cases: {
        ...Object.fromEntries(
          Object.entries(harmless).map(([what, make]) => [what, sends(make, notAllowed)]),
        ),
        'with a token that is bound to the certificate of the victim': stolen(
          '/bound',
          'binding_certificate_mismatch',
        ),
        'with a token of the workload of the victim': stolen('/workload', 'binding_workload_mismatch'),
        'without a certificate, where Envoy drops it': {
          send: (f) => ({
            path: '/peers',
            token: f.bound(),
            headers: [['x-forwarded-client-cert', victim(f)]],
          }),
          reason: 'peer_missing',
        },
        'under a name with _': {
          send: (f) => ({
            path: '/peers',
            token: f.token,
            headers: [['x_forwarded_client_cert', victim(f)]],
          }),
          reason: 'peer_missing',
        },
        'to a gateway, which sanitises': {
          send: (f) => ({
            path: '/peers',
            token: f.token,
            sender: f.senders.till,
            behindGateway: true,
            headers: [['x-forwarded-client-cert', victim(f)]],
          }),
          reason: notAllowed,
        },
        'to a gateway, without a certificate': {
          send: (f) => ({
            path: '/peers',
            token: f.token,
            behindGateway: true,
            headers: [['x-forwarded-client-cert', victim(f)]],
          }),
          reason: notAllowed,
        },
        'rubbish at a public path, which the application does not see': {
          send: (f) => ({
            path: '/public',
            sender: f.senders.shop,
            headers: [['x-forwarded-client-cert', 'forged"']],
          }),
          reason: 'public',
          seen: { headers: { 'x-forwarded-client-cert': null } },
        },
        'the application gets the proven element alone': {
          send: (f) => ({
            path: '/orders',
            token: f.bound(),
            sender: f.senders.shop,
            headers: [['x-forwarded-client-cert', `${hash(f, 'shop')};Subject="CN=forged";URI=${SHOP}`]],
          }),
          reason: 'allowed',
          seen: { line: { spiffe_id: SHOP } },
        },
      },
    },
    'quoting tricks': {
      source: 'Envoy: x-forwarded-client-cert; CVE-2025-66220',
      cases: Object.fromEntries(
        Object.entries(quoting).map(([what, make]) => [what, sends(make, notAllowed, malformed)]),
      ),
    },
    'first or last element': {
      source: 'Envoy: only the last element is proven',
      cases: {
        'the victim first': arrives((f) => `${victim(f)},${own(f)}`, notAllowed),
        'the victim last': arrives((f) => `${own(f)},${victim(f)}`, 'allowed'),
        'the victim before a gateway': arrives((f) => `${victim(f)},${gateway(f)}`, 'allowed'),
        'two before a gateway': arrives((f) => `${victim(f)},${own(f)},${gateway(f)}`, ambiguous),
        'two gateways': arrives((f) => `${victim(f)},${gateway(f)},${gateway(f)}`, ambiguous),
        'a gateway first': arrives((f) => `${gateway(f)},${own(f)}`, notAllowed),
        'the client of a gateway passes': {
          send: (f) => ({ path: '/peers', token: f.token, sender: f.senders.shop, behindGateway: true }),
          reason: 'allowed',
          seen: { line: { spiffe_id: SHOP } },
        },
        'a gateway without a client': {
          send: (f) => ({ path: '/bound', token: f.bound(), behindGateway: true }),
          reason: 'binding_certificate_mismatch',
        },
        'a stolen token through a gateway': {
          send: (f) => ({ path: '/orders', token: f.bound(), sender: f.senders.till, behindGateway: true }),
          reason: 'binding_certificate_mismatch',
        },
        'somebody who is called like a gateway': arrives(
          (f) => `${victim(f)},${element({ ...f.senders.till, uris: [`${GATEWAY}2`] })}`,
          notAllowed,
        ),
      },
    },
  },
};
