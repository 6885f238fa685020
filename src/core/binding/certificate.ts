import { Denial } from '../denial.ts';
import type { Claimant, Proof, Prove } from './proof.ts';
import { workload } from './workload.ts';

/**
 * Certificate-bound access token (RFC 8705 §3): `cnf["x5t#S256"]` is the thumbprint of the certificate that
 * the peer used in the mTLS handshake. A token without it is denied.
 */
const prove: Prove = (claimant) => {
  const { confirmation, peer } = claimant;
  if (!confirmation) return new Denial('binding_missing', 'certificate: the token has no cnf.x5t#S256');
  if (!peer) return new Denial('binding_peer_missing', 'certificate: no peer');
  if (!peer.thumbprint) return mismatch('the mesh forwards only the name of the peer');
  if (peer.thumbprint === confirmation.value) return undefined;
  return mismatch(
    `${compareWorkloads(claimant)}; the token is bound to ${confirmation.value}, the peer's thumbprint is ${peer.thumbprint}`,
  );
};

function mismatch(why: string): Denial {
  return new Denial('binding_certificate_mismatch', `certificate: ${why}`);
}

/** For the log: a rotation and a theft look the same to the thumbprint. */
function compareWorkloads(claimant: Claimant): string {
  const another = workload.prove(claimant);
  if (!(another instanceof Denial))
    return 'the same workload: its certificate was rotated since the token was issued';
  return another.reason === 'binding_workload_mismatch'
    ? 'another workload'
    : 'it cannot be told whether it is the same workload';
}

export const certificate: Proof = {
  confirmations: ['x5t#S256'],
  kinds: ['access-token', 'opaque-token'],
  needsPeer: true,
  holdsAlways: true,
  prove,
  described: {
    reads: 'the certificate of the mTLS peer, and `cnf["x5t#S256"]` of the token',
    verifies: 'that the SHA-256 of the certificate is the one that the issuer put into the token',
    bindsTo: 'one certificate',
    doesNotProtectFrom:
      'a sender who has the private key of the certificate. After a rotation, tokens of the old certificate are refused',
  },
};
