import type { Config } from '../config/schema.ts';
import { proofs } from '../core/binding/bind.ts';
import type { Proof } from '../core/binding/proof.ts';
import { acceptsIssuer } from '../core/token/issuers.ts';
import { listRules } from './create-policy.ts';

/** Whether a rule accepts something that holds only once, so that its use must be remembered. */
export function mustRemember(config: Config): boolean {
  const promising = Object.keys(config.issuers).filter((name) => config.issuers[name]?.singleUse);
  return listRules(config).some(({ require }) => {
    if (!require) return false;
    const { binding = [], credential, issuers } = require;
    if (credential === 'client-assertion' && promising.some((name) => acceptsIssuer(issuers, name)))
      return true;
    return binding.some((name) => !(proofs[name] as Proof).holdsAlways);
  });
}
