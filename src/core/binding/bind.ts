import { Denial } from '../denial.ts';
import type { SingleUse } from '../used/used-proofs.ts';
import { certificate } from './certificate.ts';
import { readConfirmation } from './confirmation.ts';
import { dpop } from './dpop.ts';
import { none } from './none.ts';
import type { Claimant, Proof } from './proof.ts';
import { wit } from './wit.ts';
import { workload } from './workload.ts';

/** Every proof, by the name that a rule calls it. */
export const proofs = { certificate, workload, dpop, wit, none } as const satisfies Record<string, Proof>;

export type BindingName = keyof typeof proofs;
export const bindingNames = Object.keys(proofs) as BindingName[];

/** A proof that holds. */
export interface Bound {
  readonly by: BindingName;
  /** What must not be used a second time. Undefined: the proof holds as often as the token is sent. */
  readonly once?: SingleUse;
}

/** Most proofs hold always, so these are made once. */
const bound = Object.fromEntries(bindingNames.map((name) => [name, { by: name }])) as Record<
  BindingName,
  Bound
>;

/** Returns the first accepted proof that holds, else the most telling of the refusals with the details of all. */
export function bind(
  accepted: readonly BindingName[],
  facts: Omit<Claimant, 'confirmation'>,
): Bound | Denial {
  const { token } = facts;
  const confirmation = readConfirmation(token.confirmation, token.cached);
  if (confirmation instanceof Denial) return confirmation;
  if (facts.presented.scheme === 'dpop' && confirmation?.member !== 'jkt')
    return new Denial('binding_missing', 'the token has no cnf.jkt, and it was sent with the scheme DPoP');
  const claimant = { ...facts, confirmation };
  const failures: Denial[] = [];
  for (const name of accepted) {
    const proven = proveBy(name, claimant);
    if (proven === undefined) return bound[name];
    if (!(proven instanceof Denial)) return { by: name, once: proven };
    failures.push(proven);
  }
  const [telling] = failures.toSorted((one, other) => rank(one) - rank(other));
  const details = failures.map(({ detail }) => detail).join('; ');
  return new Denial(telling?.reason ?? 'binding_missing', details, telling?.hint);
}

/** A token that is bound in another way is not this proof's to judge. */
function proveBy(name: BindingName, claimant: Claimant): Denial | SingleUse | undefined {
  const { confirmations, prove }: Proof = proofs[name];
  const { confirmation } = claimant;
  if (confirmation === undefined || confirmations.includes(confirmation.member)) return prove(claimant);
  return new Denial(
    'confirmation_unproven',
    `${name}: the token has a cnf.${confirmation.member}, which is not proven that way`,
  );
}

/** A contradiction says more than a proof that was not sent, and this more than a proof that cannot be meant. */
function rank({ reason }: Denial): number {
  if (reason.endsWith('_mismatch')) return 0;
  if (reason === 'confirmation_unproven') return 2;
  return reason === 'binding_missing' ? 3 : 1;
}
