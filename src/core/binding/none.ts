import type { Proof } from './proof.ts';

/**
 * Accepts any plain bearer token (RFC 6750), from any sender. A token with a `cnf` is never one, whatever the
 * rule says: `bind` refuses it, because this proof is for no member of `cnf`.
 */
export const none: Proof = {
  confirmations: [],
  kinds: ['access-token', 'opaque-token', 'service-account', 'jwt-svid'],
  needsPeer: false,
  holdsAlways: true,
  prove: () => undefined,
  described: {
    reads: 'nothing',
    verifies: 'nothing: any sender of the token passes',
    bindsTo: 'nobody',
    doesNotProtectFrom: 'a stolen token',
  },
};
