import { Denial } from '../denial.ts';
import { proveCertificate } from './certificate.ts';
import { readConfirmation } from './confirmation.ts';
import type { Claimant, Prove } from './proof.ts';
import { proveWorkload } from './workload.ts';

/** `none` accepts any plain bearer token. A token with a `cnf` is never one, whatever the rule says. */
const proofs = {
  certificate: proveCertificate,
  workload: proveWorkload,
  none: ({ confirmation }) =>
    confirmation &&
    new Denial('confirmation_unproven', 'none: the token has a cnf, so it is not a plain bearer token'),
} as const satisfies Record<string, Prove>;

export type BindingName = keyof typeof proofs;
export const bindingNames = Object.keys(proofs) as BindingName[];

/** Returns the first accepted proof that holds, else a denial: a mismatch before anything that is missing. */
export function bind(
  accepted: readonly BindingName[],
  facts: Omit<Claimant, 'confirmation'>,
): BindingName | Denial {
  const confirmation = readConfirmation(facts.token.confirmation);
  if (confirmation instanceof Denial) return confirmation;
  const failures: Denial[] = [];
  for (const name of accepted) {
    const failure = proofs[name]({ ...facts, confirmation });
    if (failure === undefined) return name;
    failures.push(failure);
  }
  const telling =
    failures.find(({ reason }) => reason.endsWith('_mismatch')) ??
    failures.find(({ reason }) => reason !== 'binding_missing') ??
    failures[0];
  return new Denial(telling?.reason ?? 'binding_missing', failures.map(({ detail }) => detail).join('; '));
}
