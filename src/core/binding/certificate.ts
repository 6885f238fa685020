import { Denial } from '../denial.ts';
import type { Prove } from './proof.ts';

/**
 * Certificate-bound access token (RFC 8705 §3): `cnf["x5t#S256"]` is the thumbprint of the certificate that
 * the peer used in the mTLS handshake. A token without it is denied.
 */
export const proveCertificate: Prove = ({ confirmation, peer }) => {
  if (!confirmation) return new Denial('binding_missing', 'certificate: the token has no cnf.x5t#S256');
  if (!peer) return new Denial('binding_peer_missing', 'certificate: no peer');
  if (!peer.thumbprint) return mismatch('the mesh forwards only the name of the peer');
  if (peer.thumbprint === confirmation.thumbprint) return undefined;
  return mismatch(`the peer's thumbprint is ${peer.thumbprint}`);
};

function mismatch(why: string): Denial {
  return new Denial('binding_certificate_mismatch', `certificate: ${why}`);
}
