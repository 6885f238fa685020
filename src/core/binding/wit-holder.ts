import { Malformed } from '../../lib/malformed.ts';
import { Denial } from '../denial.ts';
import { parseSpiffeId } from '../peer/spiffe-id.ts';
import type { VerifiedToken } from '../token/verified-token.ts';
import { readConfirmation } from './confirmation.ts';
import type { Claimant } from './proof.ts';
import type { PresentedKey } from './proof-key.ts';
import { workload } from './workload.ts';

/** The token whose key signs the proof. */
export interface Holder {
  readonly token: VerifiedToken;
  /** As it was sent. */
  readonly text: string;
  readonly key: PresentedKey;
}

/**
 * The workload identity token of a request: the token itself, or the one beside an access token. In this
 * case its workload must own the access token, exactly as a peer would for the proof `workload`. An access
 * token that is bound to something else is not proven by that.
 */
export function findHolder(claimant: Claimant): Holder | Denial {
  const { token, confirmation, presented, sender } = claimant;
  if (token.kind === 'workload-identity-token') return withKey(token, presented.token);
  if (confirmation)
    return new Denial('confirmation_unproven', `wit: the token has a cnf.${confirmation.member} of its own`);
  if (sender === undefined || sender instanceof Denial)
    return sender ?? new Denial('binding_missing', 'wit: no workload identity token was looked for');
  const spiffeId = parseSpiffeId(sender.token.subject ?? '');
  if (spiffeId instanceof Malformed) throw new TypeError('a workload identity token without a SPIFFE ID');
  const stranger = workload.prove({ ...claimant, peer: { source: 'principal', spiffeId } });
  if (stranger instanceof Denial)
    return new Denial(stranger.reason, `wit, with its workload as the peer: ${stranger.detail ?? ''}`);
  return withKey(sender.token, sender.text);
}

function withKey(token: VerifiedToken, text: string): Holder | Denial {
  const confirmation = readConfirmation(token.confirmation, token.cached);
  if (confirmation instanceof Denial) return confirmation;
  if (!confirmation?.key) return new Denial('confirmation_malformed', 'wit: cnf.jwk is missing');
  return { token, text, key: confirmation.key };
}
