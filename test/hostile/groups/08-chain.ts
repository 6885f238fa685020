import { type Case, each, type Group, type Input, proxyWrites } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import { forwardedChain, over } from '../makers/certificates.ts';

const malformed = 'peer_certificate_malformed';
const untrusted = 'peer_chain_untrusted';
/** Where the trust domains have bundles. The proxy that shows the hash alone sends no certificate. */
const chained: Partial<Case> = { world: 'chained', hash: untrusted };
const shop = ({ senders }: Fixture) => senders.shop.urlEncodedPem;

/** The same in the header that only an explicit setting believes. */
const header = (make: (f: Fixture) => string, reason: Case['reason'], more: Partial<Case> = {}): Case => ({
  send: (f) => ({
    path: '/bound',
    token: f.bound(),
    sender: f.senders.till,
    headers: [['x-client-certificate', make(f)]],
  }),
  reason,
  ...more,
});

/** A check with this XFCC, where the trust domain has a bundle. */
const brought = (says: (f: Fixture) => NonNullable<Input['says']>, reason: Case['reason']): Case => ({
  send: (f) => ({ path: '/workload', token: f.token, says: says(f) }),
  world: 'chained',
  reason,
  hash: null,
  envoy: proxyWrites,
});

export const group: Group = {
  number: 8,
  title: 'Peer certificate',
  items: {
    'signed by the authority of another trust domain': {
      source: 'X509-SVID §5.1',
      cases: {
        'a workload of ours, by the authority of a partner': over('selfMade', untrusted, chained),
        'a workload of a partner, by our authority': over('partnerByUs', untrusted, chained),
        'a workload of a partner, by its own': over('partnerOwn', 'allowed', chained),
      },
    },
    'signed by an unknown authority': {
      source: 'X509-SVID §5.1; CVE-2025-66220',
      cases: {
        'where the proxy alone checks the chain': over('selfMade', 'allowed'),
        'where the trust domain has a bundle': over('selfMade', 'peer_chain_untrusted', {
          world: 'chained',
          hash: 'peer_chain_untrusted',
        }),
        'our own, where the trust domain has a bundle': over('noUsage', 'allowed', {
          world: 'chained',
          hash: 'peer_chain_untrusted',
        }),
        'expired, where the trust domain has a bundle': over('expired', 'peer_certificate_expired', {
          world: 'chained',
          hash: 'peer_chain_untrusted',
        }),
        'a name alone, where the trust domain has a bundle': {
          send: (f) => ({
            path: '/workload',
            token: f.token,
            says: { principal: f.senders.shop.uris[0] ?? '' },
          }),
          reason: 'peer_chain_untrusted',
          world: 'chained',
          hash: null,
          envoy: proxyWrites,
        },
      },
    },
    'an intermediate that the client brings': {
      source: 'RFC 5280 §6.1; X509-SVID §5.1; Envoy: XFCC Chain',
      cases: {
        'with it': brought((f) => forwardedChain(f, true), 'allowed'),
        'without it': brought((f) => forwardedChain(f, false), 'peer_chain_untrusted'),
        'with it twice': brought(
          (f) => forwardedChain(f, f.below.shop.certPem + f.below.chain + f.below.chain),
          'allowed',
        ),
        'with the root as well': brought(
          (f) => forwardedChain(f, f.below.shop.certPem + f.below.chain + f.ca.certPem),
          'allowed',
        ),
        'without itself in front': brought(
          (f) => forwardedChain(f, f.below.chain),
          'peer_forwarded_ambiguous',
        ),
        'with another workload in front': brought(
          (f) => forwardedChain(f, f.senders.till.certPem + f.below.chain),
          'peer_forwarded_ambiguous',
        ),
        'with another workload as intermediate': brought(
          (f) => forwardedChain(f, f.below.shop.certPem + f.senders.till.certPem),
          'peer_chain_untrusted',
        ),
        'with the foreign CA of our name': brought(
          (f) => forwardedChain(f, f.below.shop.certPem + f.foreignCa.certPem),
          'peer_chain_untrusted',
        ),
        'with five below one another, which are not its own': brought(
          (f) => forwardedChain(f, f.below.shop.certPem + f.below.five),
          'allowed',
        ),
        'with six': brought(
          (f) => forwardedChain(f, f.below.shop.certPem + f.below.five + f.below.chain),
          'peer_forwarded_malformed',
        ),
        'with a private key in it': brought(
          (f) => forwardedChain(f, f.below.shop.certPem + f.below.chain + f.senders.till.keyPem),
          'peer_forwarded_malformed',
        ),
        'with rubbish': brought((f) => forwardedChain(f, 'rubbish'), 'peer_forwarded_malformed'),
        empty: brought((f) => forwardedChain(f, ''), 'peer_forwarded_malformed'),
        '70 KB': brought(
          (f) => forwardedChain(f, `${f.below.shop.certPem}${'#'.repeat(70_000)}`),
          'peer_forwarded_malformed',
        ),
      },
    },
    'a certificate in a header': {
      source: 'Envoy: x-client-certificate',
      cases: {
        'where nobody believes it': header(shop, 'binding_certificate_mismatch'),
        'where it is believed, rubbish': header(() => 'forged', malformed, { world: 'header' }),
        'where it is believed, two joined': header((f) => `${shop(f)},${shop(f)}`, malformed, {
          world: 'header',
        }),
        'where it is believed, half of one': header((f) => shop(f).slice(0, 500), malformed, {
          world: 'header',
        }),
        'where it is believed, empty': header(() => '', 'binding_certificate_mismatch', { world: 'header' }),
        'under a name with _': {
          ...header(() => '', 'binding_certificate_mismatch', { world: 'header' }),
          send: (f) => ({
            path: '/bound',
            token: f.bound(),
            sender: f.senders.till,
            headers: [['x_client_certificate', shop(f)]],
          }),
        },
        ...each(['x-ssl-cert', 'ssl-client-cert', 'x-forwarded-tls-client-cert', 'client-cert'], (name) => [
          `in ${name} (RFC 9440 and others)`,
          {
            send: (f) => ({
              path: '/bound',
              token: f.bound(),
              sender: f.senders.till,
              headers: [[name, shop(f)]],
            }),
            reason: 'binding_certificate_mismatch',
          } satisfies Case,
        ]),
      },
    },
  },
};
