import type { Decision } from '../../src/core/decision.ts';
import type { Findings } from '../../src/core/findings.ts';
import { createIdentity, type IdentitySettings, identityHeaders } from '../../src/core/identity/identity.ts';
import type { AllowReason } from '../../src/core/reasons.ts';
import type { RefusalStyle } from '../../src/core/refusal.ts';

/** The style of refusals where nothing is configured. */
export const explained: RefusalStyle = {
  realm: 'peerproof',
  dpopAlgorithms: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
  body: 'explained',
};

/** The identity settings where nothing is configured. */
export const standardSettings: IdentitySettings = {
  preset: 'standard',
  claims: { email: 'email', preferredUsername: 'preferred_username', groups: 'groups' },
  allowInsecureUnverifiedEmail: false,
  passAccessToken: false,
  passAuthorization: false,
  headers: {},
};
export const standardIdentity = createIdentity(standardSettings);

/** An allow, as `decide` would give it with those settings. */
export function allowOf(found: Findings, reason: Exclude<AllowReason, 'observed'> = 'allowed'): Decision {
  return {
    id: 'd-1',
    found,
    effect: 'allow',
    reason,
    identity: identityHeaders(found, {}, standardIdentity),
  };
}
