import { type Case, each, type Group, proxyWrites } from '../case.ts';
import { SHOP, TILL } from '../fixture.ts';
import { arrives, cert, hash, victim } from '../makers/forwarded.ts';

const malformed = 'peer_forwarded_malformed';
const ambiguous = 'peer_forwarded_ambiguous';
const notAllowed = 'peer_not_allowed';

const badHashes: readonly [string, (hex: string) => string, Case['reason']][] = [
  ['in capitals', (hex) => hex.toUpperCase(), 'allowed'],
  ['in quotes', (hex) => `"${hex}"`, 'allowed'],
  ['one digit short', (hex) => hex.slice(1), malformed],
  ['one digit long', (hex) => `${hex}0`, malformed],
  ['with colons', (hex) => hex.match(/../g)?.join(':') ?? '', malformed],
  ['in base64', (hex) => Buffer.from(hex, 'hex').toString('base64url'), malformed],
  ['of SHA-1', (hex) => hex.slice(0, 40), malformed],
  ['empty', () => '', malformed],
  ['with a space', (hex) => ` ${hex}`, malformed],
  ['of another certificate', () => '0'.repeat(64), 'binding_certificate_mismatch'],
];

export const group: Group = {
  number: 8,
  title: 'Peer certificate',
  items: {
    'Hash without Cert': {
      source: 'RFC 8705 §3.1; Istio: XFCC of a sidecar',
      cases: {
        ...each(badHashes, ([what, change, reason]) => [
          `Hash ${what}`,
          arrives((f) => `Hash=${change(f.senders.shop.sha256Hex)};URI=${SHOP}`, reason, {}, '/bound'),
        ]),
        'Hash and URI of two workloads: the proxy vouches for both': arrives(
          (f) => `${hash(f, 'shop')};URI=${TILL}`,
          notAllowed,
        ),
        'Hash and Cert of two': arrives((f) => `${hash(f, 'shop')};${cert(f, 'till')}`, ambiguous),
        'URI and Cert of two': arrives((f) => `${cert(f, 'till')};URI=${SHOP}`, ambiguous),
        'Cert that is cut off': arrives(
          (f) => `${cert(f, 'shop').slice(0, 300)}"`,
          'peer_certificate_malformed',
        ),
        'an empty Cert': arrives(() => `Cert="";URI=${SHOP}`, 'peer_certificate_malformed'),
        'Subject alone': arrives(() => `Subject="CN=shop"`, 'peer_missing'),
        'URI alone, as a waypoint writes it': arrives(
          () => `URI=${SHOP}`,
          'binding_certificate_mismatch',
          {},
          '/bound',
        ),
        'a name alone, without XFCC': {
          send: (f) => ({ path: '/bound', token: f.bound(), says: { principal: SHOP } }),
          reason: 'binding_certificate_mismatch',
          hash: null,
          envoy: proxyWrites,
        },
        '64 KB': arrives(() => `By=${'x'.repeat(65_536)};URI=${SHOP}`, malformed),
        '60,000 commas': arrives(() => ','.repeat(60_000), malformed),
        '60,000 quotes': arrives(() => '"'.repeat(60_000), malformed),
        '60,000 backslashes in quotes': arrives(() => `By="${'\\'.repeat(60_000)}`, malformed),
      },
    },
    'two URIs': {
      source: 'Envoy: more than one URI is refused unless Cert confirms it',
      cases: {
        'the victim first, without Cert': arrives(
          (f) => `${hash(f, 'till')};URI=${SHOP};URI=${TILL}`,
          ambiguous,
        ),
        'the victim last, without Cert': arrives(
          (f) => `${hash(f, 'till')};URI=${TILL};URI=${SHOP}`,
          ambiguous,
        ),
        'with the Cert of the till': arrives((f) => `${cert(f, 'till')};URI=${TILL};URI=${SHOP}`, ambiguous),
        'the same twice': arrives(() => `URI=${SHOP};URI=${SHOP}`, ambiguous),
        'keys in two cases': arrives(() => `uri=${TILL};URI=${SHOP}`, ambiguous),
        'another than the principal of the proxy': arrives(victim, ambiguous, { principal: TILL }),
        'none, where the principal has one': arrives((f) => hash(f, 'shop'), ambiguous, { principal: SHOP }),
        'a principal that holds a pair': arrives((f) => `${hash(f, 'till')};URI=${SHOP}`, ambiguous, {
          principal: `${TILL};URI=${SHOP}`,
        }),
        'an empty one': arrives((f) => `${hash(f, 'shop')};URI=`, 'peer_missing'),
      },
    },
  },
};
