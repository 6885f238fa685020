import { Denial } from '../../src/core/denial.ts';
import { type CertificateAuthority, toAuthority } from '../../src/core/peer/authority.ts';
import { parseBundleFile } from '../../src/core/peer/bundle-document.ts';
import { type Certificate, parseCertificate } from '../../src/core/peer/certificate.ts';
import { findChain } from '../../src/core/peer/chain.ts';
import type { Purpose } from '../../src/core/peer/extensions.ts';
import { candidateFromCertificate } from '../../src/core/peer/peer-candidate.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import { exceptions } from './limbo-exceptions.ts';
import type { Judged, Part, Suite, Verdict } from './suite.ts';
import { readVectors } from './vectors.ts';

interface Case {
  readonly id: string;
  readonly validation_kind: 'SERVER' | 'CLIENT';
  readonly validation_time: string | null;
  readonly peer_certificate: string;
  readonly untrusted_intermediates: readonly string[];
  readonly trusted_certs: readonly string[];
  readonly expected_result: 'SUCCESS' | 'FAILURE';
}

/** For the cases that name no time: each day the same one. */
const anyTime = '2026-01-01T00:00:00Z';
const swapped: Readonly<Record<Purpose, Purpose>> = {
  serverAuth: 'clientAuth',
  clientAuth: 'serverAuth',
  anyExtendedKeyUsage: 'anyExtendedKeyUsage',
};

/**
 * Most cases are about the certificate of a server; every certificate that comes to us is a client's. So the two purposes
 * change places in what was read, and the same code judges both.
 */
function asClient(certificate: Certificate, kind: Case['validation_kind']): Certificate {
  if (kind === 'CLIENT') return certificate;
  return {
    ...certificate,
    extendedKeyUsage: certificate.extendedKeyUsage?.map((purpose) => swapped[purpose]),
  };
}

function verdict(one: Case): Verdict {
  const read = (pem: string): Certificate | Malformed => {
    const certificate = parseCertificate(encodeURIComponent(pem));
    return certificate instanceof Malformed ? certificate : asClient(certificate, one.validation_kind);
  };
  const leaf = read(one.peer_certificate);
  if (leaf instanceof Malformed || candidateFromCertificate(leaf) instanceof Denial) return 'refuse';
  const now = Date.parse(one.validation_time ?? anyTime);
  // As `verifyPeer` does, with a skew of zero.
  if (now < leaf.notBefore || now >= leaf.notAfter) return 'refuse';
  const bundle = parseBundleFile(one.trusted_certs.join('\n'));
  if (bundle instanceof Malformed) return 'refuse';
  const intermediates: CertificateAuthority[] = [];
  for (const pem of one.untrusted_intermediates) {
    const certificate = read(pem);
    const authority = certificate instanceof Malformed ? certificate : toAuthority(certificate);
    if (authority instanceof Malformed) return 'refuse';
    intermediates.push(authority);
  }
  // The suite's certificates have no SPIFFE ID; a trust domain only counts where an intermediate has one.
  const chain = findChain(leaf, intermediates, bundle, { trustDomain: 'example.com', now, clockSkew: 0 });
  return chain instanceof Denial ? 'refuse' : 'accept';
}

function judge(): readonly Part[] {
  const { testcases } = readVectors<{ readonly testcases: readonly Case[] }>('x509-limbo.json');
  const groups = Map.groupBy(testcases, ({ id }) => id.slice(0, id.indexOf('::')));
  return [...groups].map(([what, cases]) => ({
    what,
    cases: cases.map(
      (one): Judged => ({
        id: one.id,
        expected: one.expected_result === 'SUCCESS' ? 'accept' : 'refuse',
        found: verdict(one),
      }),
    ),
  }));
}

export const limbo: Suite = {
  name: 'x509-limbo',
  source: 'C2SP/x509-limbo (Apache-2.0), compiled without bettertls and the online cases',
  judged:
    'leaf and chain, by `parseCertificate`, `candidateFromCertificate`, `toAuthority`, `findChain`; the trusted certificates are the bundle. A chain with name constraints is always refused, even if the case is about something else',
  judge: async () => judge(),
  exceptions,
};
