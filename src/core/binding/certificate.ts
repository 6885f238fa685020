import { Denial } from '../denial.ts';
import type { Claimant, Prove } from './proof.ts';
import { proveWorkload } from './workload.ts';

/**
 * Certificate-bound access token (RFC 8705 §3): `cnf["x5t#S256"]` is the thumbprint of the certificate that
 * the peer used in the mTLS handshake. A token without it is denied.
 */
export const proveCertificate: Prove = (claimant) => {
  const { confirmation, peer } = claimant;
  if (!confirmation) return new Denial('binding_missing', 'certificate: the token has no cnf.x5t#S256');
  if (!peer) return new Denial('binding_peer_missing', 'certificate: no peer');
  if (!peer.thumbprint) return mismatch('the mesh forwards only the name of the peer');
  if (peer.thumbprint === confirmation.thumbprint) return undefined;
  return mismatch(
    `${compareWorkloads(claimant)}; the token is bound to ${confirmation.thumbprint}, the peer's thumbprint is ${peer.thumbprint}`,
  );
};

function mismatch(why: string): Denial {
  return new Denial('binding_certificate_mismatch', `certificate: ${why}`);
}

/** For the log: a rotation and a theft look the same to the thumbprint. */
function compareWorkloads(claimant: Claimant): string {
  const another = proveWorkload(claimant);
  if (!another) return 'the same workload: its certificate was rotated since the token was issued';
  return another.reason === 'binding_workload_mismatch'
    ? 'another workload'
    : 'it cannot be told whether it is the same workload';
}
