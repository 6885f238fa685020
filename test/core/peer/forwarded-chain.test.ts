import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { type Certificate, parseCertificate } from '../../../src/core/peer/certificate.ts';
import { byIssuing, chainOf, forwarded, issuing, leafOf, root, trusting, verdict } from './chain-world.ts';
import { noon } from './world.ts';

const known = trusting(root);
const rotated = await leafOf(issuing);

const malformed = (detail: string) => new Denial('peer_forwarded_malformed', detail);
const ambiguous = new Denial('peer_forwarded_ambiguous', 'Chain does not begin with the certificate itself');
const chains: readonly [what: string, chain: string, denial: Denial][] = [
  ['of another leaf', chainOf(rotated, issuing), ambiguous],
  ['without the leaf', chainOf(issuing), ambiguous],
  ['with the leaf at its end', chainOf(issuing, byIssuing), ambiguous],
  ['of nothing', '', malformed('Chain: no certificate in PEM')],
  ['of other text', 'MIIB', malformed('Chain: no certificate in PEM')],
  [
    'with broken URL encoding',
    `${chainOf(byIssuing, issuing)}%`,
    malformed('the URL encoding of Chain is broken'),
  ],
  [
    'that is cut off',
    // Not in the middle of an escape, which is another mistake.
    chainOf(byIssuing, issuing)
      .slice(0, -40)
      .replace(/%[0-9A-F]?$/, ''),
    malformed('Chain: a broken PEM block'),
  ],
  [
    'with a key in it',
    chainOf(byIssuing, { certPem: issuing.keyPem }),
    malformed('Chain: holds a PRIVATE KEY, not only certificates'),
  ],
  [
    'with a certificate that is none',
    chainOf(byIssuing, { certPem: '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n' }),
    malformed('Chain: the ASN.1 cannot be read'),
  ],
  [
    'of seven certificates',
    chainOf(byIssuing, issuing, issuing, issuing, issuing, issuing, issuing),
    malformed('Chain: more than 6 certificates'),
  ],
  ['of 60,000 spaces', ' '.repeat(60_000), malformed('Chain: no certificate in PEM')],
  ['of 4,000 beginnings', '-----BEGIN A-----'.repeat(3_000), malformed('Chain: a broken PEM block')],
];
for (const [what, chain, denial] of chains)
  test(`forwarded chain – refuses a Chain ${what} where it is needed, and overlooks it where not (attacks 8)`, (t) => {
    t.deepEqual(verdict(forwarded(byIssuing, chain), known), denial);
    t.is(verdict(forwarded(byIssuing, chain), trusting(issuing)), undefined);
    t.is(verdict(forwarded(byIssuing, chain), {}), undefined);
  });

test('forwarded chain – 1 MB of Chain is not read (attacks 17)', (t) => {
  const chain = chainOf(byIssuing, ...Array.from({ length: 1_800 }, () => issuing));
  t.true(chain.length > 1_000_000);
  t.deepEqual(verdict(forwarded(byIssuing, chain), known), malformed('longer than 65536 characters'));
  const certificate = parseCertificate(byIssuing.urlEncodedPem) as Certificate;
  t.deepEqual(
    known.trustDomains
      .get('cluster.local')
      ?.current(noon)
      .check(certificate, chain, { trustDomain: 'cluster.local', now: noon, clockSkew: 0 }),
    malformed('Chain is longer than 65536 characters'),
  );
});
