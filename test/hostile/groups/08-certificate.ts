import { urlEncodePem } from '../../support/ca.ts';
import { type AtEnvoy, type Case, type Group, proxyWrites } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import { framed, over } from '../makers/certificates.ts';
import type { OddSender } from '../senders.ts';

const malformed = 'peer_certificate_malformed';
const unsuitable = 'peer_certificate_unsuitable';

/** A text that a proxy hands over as the certificate of its peer. */
const pem = (make: (f: Fixture) => string, reason: Case['reason'] = malformed): Case => ({
  send: (f) => ({ path: '/bound', token: f.bound(), says: { certificate: make(f) } }),
  reason,
  hash: null,
  envoy: proxyWrites,
});

const encoded = (make: (f: Fixture) => string, reason?: Case['reason']): Case =>
  pem((f) => urlEncodePem(make(f)), reason);
const shop = ({ senders }: Fixture) => senders.shop.urlEncodedPem;
const shopPem = ({ senders }: Fixture) => senders.shop.certPem;

const der = (make: (bytes: Buffer) => Uint8Array, reason?: Case['reason']): Case =>
  encoded((f) => framed(make(Buffer.from(f.senders.shop.der))), reason);

/** A certificate that no TLS library would send, or whose key is not known. */
const shown = (sender: OddSender, reason: Case['reason']): Case =>
  pem((f) => f.senders[sender].urlEncodedPem, reason);

const withoutTls: AtEnvoy = { refuses: 0 };

export const group: Group = {
  number: 8,
  title: 'Peer certificate',
  items: {
    'PEM double-encoded': {
      source: 'Envoy: percent-decoding once; CVE-2023-27487',
      cases: {
        'as it should be': pem(shop, 'allowed'),
        'encoded twice': pem((f) => encodeURIComponent(shop(f))),
        'not encoded at all': pem(shopPem, 'allowed'),
        'escapes in lower case': pem((f) => shop(f).replaceAll('%0A', '%0a'), 'allowed'),
        'every character escaped': pem(
          (f) =>
            [...Buffer.from(shopPem(f))]
              .map((byte) => `%${byte.toString(16)}`)
              .join('')
              .replaceAll('%a', '%0a'),
          'allowed',
        ),
        'a broken escape': pem((f) => `${shop(f)}%`),
        'an escape that is no hex': pem((f) => shop(f).replace('%0A', '%0G')),
        'an overlong escape': pem((f) => `${shop(f)}%c0%8a`),
        'a NUL behind it': pem((f) => `${shop(f)}%00`),
        base64url: encoded((f) => framed(f.senders.shop.der).replace(/\n(.{20})../, '\n$1-_')),
      },
    },
    '`+`': {
      source: 'Envoy: + stays +',
      cases: {
        '+ for each space': pem((f) => shop(f).replaceAll('%20', '+')),
        '+ as it stands in base64': pem((f) => shop(f).replaceAll('%2B', '+'), 'allowed'),
        'a space for each +': pem((f) =>
          shop(f)
            .replaceAll('%2B', '%20')
            .replace(/(MII.)/, '%20$1'),
        ),
      },
    },
    CRLF: {
      source: 'RFC 7468 §3',
      cases: {
        CRLF: pem((f) => shop(f).replaceAll('%0A', '%0D%0A'), 'allowed'),
        'lone CR': pem((f) => shop(f).replaceAll('%0A', '%0D')),
        'no line breaks in the body': encoded(
          (f) =>
            `-----BEGIN CERTIFICATE-----\n${f.senders.shop.der.toString('base64')}\n-----END CERTIFICATE-----\n`,
        ),
        'an empty line': pem((f) => shop(f).replace('%0AM', '%0A%0AM')),
      },
    },
    'several certificates': {
      source: 'RFC 8705 §3; CVE-2026-47778',
      cases: {
        'the victim first': encoded((f) => shopPem(f) + f.senders.till.certPem),
        'the victim last': encoded((f) => f.senders.till.certPem + shopPem(f)),
        'the same twice': encoded((f) => shopPem(f) + shopPem(f)),
        'with its CA': encoded((f) => shopPem(f) + f.ca.certPem),
        'joined by a comma': pem((f) => `${f.senders.till.urlEncodedPem},${shop(f)}`),
        'two in one body': encoded((f) => framed(Buffer.concat([f.senders.till.der, f.senders.shop.der]))),
      },
    },
    'trailing garbage': {
      source: 'RFC 7468 §2; RFC 5280 §4.1',
      cases: {
        'text behind it': encoded((f) => `${shopPem(f)}x`),
        'text before it': encoded((f) => `subject=shop\n${shopPem(f)}`),
        'a private key behind it': encoded((f) => shopPem(f) + f.senders.shop.keyPem),
        'a byte behind the DER': der((bytes) => Buffer.concat([bytes, Buffer.of(0)])),
        'a DER that ends early': der((bytes) => bytes.subarray(0, -1)),
        'one byte': der(() => Buffer.of(0x30)),
        nothing: der(() => Buffer.alloc(0)),
        'SEQUENCEs in SEQUENCEs': der(() => Buffer.alloc(6_000, Buffer.of(0x30, 0x80))),
        'a length of four gigabytes': der((bytes) =>
          Buffer.concat([Buffer.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), bytes]),
        ),
        'a certificate request': encoded((f) => shopPem(f).replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST')),
        'a trusted certificate': encoded((f) => shopPem(f).replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')),
        'a signature that is changed': der((bytes) => {
          const last = bytes.length - 1;
          bytes[last] = (bytes[last] ?? 0) ^ 1;
          return bytes;
        }, 'binding_certificate_mismatch'),
      },
    },
    'CA as leaf': {
      source: 'X509-SVID §4.1, §4.3, §5.2',
      cases: {
        'cA TRUE': over('ca', unsuitable),
        keyCertSign: over('certSign', unsuitable),
        cRLSign: over('crlSign', unsuitable),
        'keyUsage without digitalSignature': over('noSignature', unsuitable, { envoy: withoutTls }),
        'no keyUsage': over('noUsage', 'allowed'),
        'the CA itself': encoded((f) => f.ca.certPem, unsuitable),
      },
    },
    'a usage that excludes clients': {
      source: 'X509-SVID §4.4; RFC 5280 §4.2, §4.2.1.12',
      cases: {
        'extKeyUsage for servers alone': over('forServers', unsuitable),
        'extKeyUsage for servers alone, without a SPIFFE ID': over('forServersNameless', unsuitable),
        'extKeyUsage for clients alone': over('forClients', 'allowed'),
        'extKeyUsage for every purpose': over('forAnything', 'allowed'),
        'extKeyUsage without a purpose': shown('forNothing', malformed),
        'no extKeyUsage': over('noPurpose', 'allowed'),
        'an unknown critical extension': over('critical', unsuitable),
        'an unknown extension': over('unknown', 'allowed'),
        'name constraints': over('nameConstraints', unsuitable),
        'extensions in version 1': der((bytes) => {
          bytes[bytes.indexOf(Buffer.of(0xa0, 3, 2, 1, 2)) + 4] = 0;
          return bytes;
        }),
      },
    },
    'expired, not yet valid': {
      source: 'RFC 5280 §4.1.2.5',
      cases: {
        'an hour ago': over('expired', 'peer_certificate_expired'),
        'just now': over('expiredNow', 'peer_certificate_expired'),
        'in a second': over('lastSecond', 'allowed'),
        'from the next hour': over('early', 'peer_certificate_not_yet_valid'),
        'from the next second': over('earlyBySecond', 'peer_certificate_not_yet_valid'),
      },
    },
    'RSA/EC/Ed25519': {
      source: 'RFC 8705 §3.1; RFC 8410',
      cases: {
        RSA: over('rsaKey', 'allowed'),
        'P-384': over('ec384Key', 'allowed'),
        Ed25519: over('ed25519Key', 'allowed', {
          envoy: {
            becomes: 'binding_peer_missing',
            why: 'Envoy takes no Ed25519 in TLS, so no certificate is sent',
          },
        }),
        'RSA 1024': shown('weakRsaKey', unsuitable),
        'RSA 16384': shown('hugeRsaKey', unsuitable),
        'P-192': shown('p192Key', unsuitable),
        secp256k1: shown('secp256k1Key', unsuitable),
        'P-256, written out': shown('explicitKey', malformed),
        'a key that is no point of its curve': der((bytes) => {
          const point = bytes.indexOf(Buffer.from([0x03, 0x42, 0x00, 0x04]));
          bytes[point + 10] = (bytes[point + 10] ?? 0) ^ 1;
          return bytes;
        }),
      },
    },
    '1 MB': {
      source: 'CWE-400',
      cases: {
        '1 MB of base64': pem(() =>
          urlEncodePem(
            `-----BEGIN CERTIFICATE-----\n${`${'A'.repeat(64)}\n`.repeat(16_000)}-----END CERTIFICATE-----\n`,
          ),
        ),
        '1 MB of line breaks behind it': pem((f) => shop(f) + '%0A'.repeat(350_000)),
        'longer than 16,384 characters by its names': over('large', malformed, {
          hash: 'peer_forwarded_malformed',
        }),
      },
    },
  },
};
