import type { Cache } from '../lib/cache.ts';
import type { RegisteredClient } from './binding/proof.ts';
import type { ProofSettings } from './binding/settings.ts';
import type { Denial } from './denial.ts';
import type { Findings } from './findings.ts';
import type { IdentityPolicy } from './identity/identity.ts';
import type { KnownIdentity } from './identity/known-identity.ts';
import type { Certificate } from './peer/certificate.ts';
import type { PeerPolicy } from './peer/verify-peer.ts';
import type { Route, Routes } from './policy/routes.ts';
import type { Observation } from './policy/rule.ts';
import type { Resources } from './resource/resource.ts';
import type { Revocations } from './revocation/revocations.ts';
import type { CachedToken, Digest, TokenPolicy } from './token/verify-token.ts';
import type { UsedProofs } from './used/used-proofs.ts';

/** The part of a configuration that decides checks. A reload replaces all of it, including the caches. */
export interface Policy {
  readonly routes: Routes;
  readonly peers: PeerPolicy;
  readonly tokens: TokenPolicy;
  readonly clients: ReadonlyMap<string, RegisteredClient>;
  readonly proofs: ProofSettings;
  readonly identity: IdentityPolicy;
  /** Certificates that were read before, by their text. */
  readonly certificates: Cache<Certificate>;
  /** Tokens that were verified before, by their digest. */
  readonly tokenCache: Cache<CachedToken>;
  readonly digest: Digest;
  /** Identities of tokens that were allowed before, by their digest. */
  readonly identityCache: Cache<KnownIdentity>;
  /** What was used and must not be used again. It belongs to the service, and outlives a reload. */
  readonly usedProofs: UsedProofs;
  /** What is observed of checks that no rule covers. Undefined: they are refused. */
  readonly observation: Observation | undefined;
  /** Undefined: none is configured. */
  readonly resources: Resources | undefined;
  /** What was revoked. Belongs to the process, and not to a configuration. Undefined: nothing can be. */
  readonly revocations?: Revocations | undefined;
}

/** How a check is judged that was refused before, see `observe`. */
export interface SecondJudgement {
  /** By this rule. */
  readonly route: Route;
  /** A token that is not bound to the sender ends the check no longer. It has no `boundBy`. */
  readonly passesUnbound: boolean;
}

/** How a check ended. Without a denial and without a failure the request may pass. */
export interface Authorization {
  /** What was proven until then. */
  readonly found: Findings;
  readonly denial?: Denial | undefined;
  /** What was thrown: a DependencyError if a needed issuer did not answer. Anything else is a bug. */
  readonly failure?: { readonly error: unknown };
}
