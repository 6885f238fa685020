import { findRulesWithoutBody } from './bodies.ts';
import { findPublicCatchAll, findUnboundCatchAll } from './catch-all.ts';
import { findClaimPaths } from './claims.ts';
import { findRulesWithoutDestinations } from './destinations.ts';
import type { Found, Severity, Subject } from './finding.ts';
import { findLongTokens, findMissingAudiences, findUnservedKeys } from './internal-token.ts';
import { findUnknownMethods } from './methods.ts';
import { findOpen, findSamePorts } from './ports.ts';
import { findPeerlessDoors, findUnprovableRules, findUselessProofs } from './proofs.ts';
import { findScopesWithoutBinding, findScopesWithSpace } from './scopes.ts';
import { findMissingClusters, findMissingTrustDomains } from './service-accounts.ts';
import { findTeamConflicts } from './team-conflicts.ts';
import { findUnknownTrustDomains } from './trust-domains.ts';
import { findUnreachable } from './unreachable-rules.ts';
import { findUnusedClients, findUnusedIssuers } from './unused.ts';
import { weaknesses } from './weaknesses.ts';

/** A kind of finding. */
export interface Lint {
  readonly severity: Severity;
  /** One sentence: what is wrong. */
  readonly says: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Absent if the finding does not come from a valid configuration. */
  readonly find?: (subject: Subject) => readonly Found[];
}

const table = {
  invalid: {
    severity: 'error',
    says: 'The configuration cannot be used.',
    remedy:
      'The message says what would be right. Until then, a running Peerproof keeps the previous configuration.',
  },
  'same-port': {
    severity: 'error',
    says: 'Two listeners have the same port, so the second one cannot listen.',
    remedy: 'Give each address in `listen` its own port.',
    find: findSamePorts,
  },
  'unprovable-rule': {
    severity: 'error',
    says: 'No proof that a rule accepts can hold for a token of its issuers, so it denies every token.',
    remedy:
      'Accept a proof for these tokens in `require.binding`, or an issuer of other tokens in `require.issuers`.',
    find: findUnprovableRules,
  },
  'useless-proof': {
    severity: 'warning',
    says: 'A rule accepts a proof that can never hold for a token of its issuers.',
    remedy: 'Remove it from `require.binding`, or accept an issuer of other tokens.',
    find: findUselessProofs,
  },
  'peerless-door': {
    severity: 'note',
    says: 'Checks over HTTP never have a peer, and a rule accepts only proofs that need one.',
    remedy:
      'Set `http.xfcc`, or `certificateHeader` of the path. If these rules are only for checks over gRPC, ignore the finding.',
    find: findPeerlessDoors,
  },
  'unreachable-rule': {
    severity: 'warning',
    says: 'A rule never decides, because earlier rules cover all its requests.',
    remedy: 'Narrow the earlier rule that the message names, move the later rule up, or remove it.',
    find: findUnreachable,
  },
  'team-conflict': {
    severity: 'warning',
    says: 'Rules of two teams match the same requests, so the team decides that comes first in `delegate`.',
    remedy: 'Narrow one of the two rules, or delegate the place to one team only.',
    find: findTeamConflicts,
  },
  'public-catch-all': {
    severity: 'warning',
    says: 'A public rule covers everything, so every request passes without a token.',
    remedy: 'Say in `match` which requests are public, such as `paths: [/healthz]`.',
    find: findPublicCatchAll,
  },
  'unbound-catch-all': {
    severity: 'warning',
    says: 'A rule with `binding: [none]` covers everything and stands before other rules.',
    remedy: 'Move it to the end, or say in `match` what it covers.',
    find: findUnboundCatchAll,
  },
  'binding-none': {
    severity: 'warning',
    says: 'A rule accepts a stolen token from any sender.',
    remedy: 'Accept `certificate` or `workload` instead, as soon as the tokens are bound.',
    find: weaknesses('binding-none'),
  },
  'scopes-without-binding': {
    severity: 'note',
    says: 'A rule demands scopes, and a thief of the token has them too.',
    remedy: 'Remove `none` from `require.binding`.',
    find: findScopesWithoutBinding,
  },
  'body-never-sent': {
    severity: 'note',
    says: 'A rule for a token endpoint needs the body of the request, and nginx, Caddy and Traefik never send it.',
    remedy: 'Let Envoy ask before the token endpoint, over gRPC or over HTTP with `with_request_body`.',
    find: findRulesWithoutBody,
  },
  'any-issuer': {
    severity: 'warning',
    says: 'There are several issuers, and a rule does not say whose tokens it accepts.',
    remedy: 'Set `require.issuers`.',
    find: weaknesses('any-issuer'),
  },
  'rule-without-destination': {
    severity: 'warning',
    says: 'A rule in a mesh names requests and no workload, so it applies at every workload.',
    remedy:
      'Set `match.destinations`, or move the rule to `workloads`. Rules for a gateway name `hosts`: for these, ignore the finding.',
    find: findRulesWithoutDestinations,
  },
  'scope-with-space': {
    severity: 'warning',
    says: 'A scope holds a space, so no token has it.',
    remedy: 'Write a list: `scopes: [read, write]`.',
    find: findScopesWithSpace,
  },
  'claim-path': {
    severity: 'warning',
    says: 'The name of a claim looks like the way to a member of a claim, and is read as a name.',
    remedy:
      'Write a JSON pointer, such as `/realm_access/roles`. If the claim really has this name, ignore the finding.',
    find: findClaimPaths,
  },
  'unknown-method': {
    severity: 'warning',
    says: 'A rule names a method that HTTP does not have.',
    remedy: 'Correct the name. If the application has this method, ignore the finding.',
    find: findUnknownMethods,
  },
  'no-cluster': {
    severity: 'warning',
    says: 'A rule demands a ServiceAccount, namespace or pod, and accepts no issuer of ServiceAccount tokens.',
    remedy: 'Accept an issuer with `kubernetes`, or remove the requirement.',
    find: findMissingClusters,
  },
  'no-trust-domain': {
    severity: 'warning',
    says: 'There are several trust domains, and an issuer of ServiceAccount tokens does not name its own.',
    remedy: 'Set `trustDomain` of the issuer. Without it, no peer proves that its token belongs to it.',
    find: findMissingTrustDomains,
  },
  'unknown-trust-domain': {
    severity: 'warning',
    says: 'A SPIFFE ID belongs to a trust domain that is not configured.',
    remedy: 'Correct the ID, or add the trust domain to `peers.trustDomains`.',
    find: findUnknownTrustDomains,
  },
  'unused-client': {
    severity: 'warning',
    says: 'No rule uses an entry of `clients`.',
    remedy: 'Accept the proof `workload` for the issuer of the client, or remove the entry.',
    find: findUnusedClients,
  },
  'unused-issuer': {
    severity: 'warning',
    says: 'No rule accepts the tokens of an issuer.',
    remedy: 'Name it in `require.issuers` of a rule, or remove it.',
    find: findUnusedIssuers,
  },
  'own-nonce-key': {
    severity: 'note',
    says: 'Each replica makes DPoP nonces with a key of its own, so it refuses those of the others.',
    remedy: 'Set `dpop.nonce.keyFile`. If there is only one replica, ignore the finding.',
    find: weaknesses('own-nonce-key'),
  },
  'insecure-setting': {
    severity: 'warning',
    says: 'A setting gives up a protection.',
    remedy: 'Remove the setting as soon as the issuer allows it.',
    find: weaknesses('insecure-setting'),
  },
  observed: {
    severity: 'warning',
    says: 'The service, a rule or a requirement is observed and not enforced, so requests pass that should be refused.',
    remedy: 'Remove `mode: observe` or `observe` when the log shows no `would_deny` any more.',
    find: weaknesses('observed'),
  },
  'long-internal-token': {
    severity: 'warning',
    says: 'An internal token lives so long that a stolen one is worth something.',
    remedy: 'Set `identity.token.lifetime` to a minute. Each request brings a token of its own.',
    find: findLongTokens,
  },
  'internal-token-audience': {
    severity: 'warning',
    says: 'Requests at a door get no internal token, because nobody says whom they are for.',
    remedy: 'Give the hosts names in `identity.token.audiences`, or let a proxy state the destination.',
    find: findMissingAudiences,
  },
  'unserved-keys': {
    severity: 'note',
    says: 'Internal tokens are minted, and their public keys are not served.',
    remedy: 'Set `listen.keys`. If the verifiers get the keys in another way, ignore the finding.',
    find: findUnservedKeys,
  },
  'readable-key': {
    severity: 'warning',
    says: 'Every user of the machine can read a private key.',
    remedy: 'Take the permission away. In a pod, where there is no other user, ignore the finding.',
    find: weaknesses('readable-key'),
  },
  'open-port': {
    severity: 'warning',
    says: 'A port answers every client that can reach it.',
    remedy:
      'Do what the message says. Peerproof does not see a NetworkPolicy or the mTLS of a sidecar: if one protects the port, ignore the finding.',
    find: findOpen,
  },
  'every-proxy': {
    severity: 'warning',
    says: 'Every address counts as a proxy, so every client can claim any original request.',
    remedy: 'Name the addresses of the proxies in `http.forwardAuth[].proxies`.',
    find: weaknesses('every-proxy'),
  },
  'own-sidecar': {
    severity: 'warning',
    says: 'Peerproof cannot see whether it stands behind a sidecar of its own.',
    remedy: 'Set `http.spiffeId`. If Peerproof has a sidecar, set `http.xfcc: {sidecar: …}`.',
    find: weaknesses('own-sidecar'),
  },
  'weak-inject': {
    severity: 'warning',
    says: 'A configuration of `peerproof inject` gives tokens to more callers or hosts than necessary.',
    remedy: 'Listen on an address of this machine, and name the hosts of each token.',
  },
  'wrong-ignore': {
    severity: 'warning',
    says: 'A comment that ignores findings names no check, or gives no reason.',
    remedy: 'Write `# lint: ignore CHECK: why`.',
  },
} as const satisfies Readonly<Record<string, Lint>>;

export type CheckName = keyof typeof table;
export const checkNames = Object.keys(table) as CheckName[];

/** Every check of `validate`, by its name. */
export const checks: Readonly<Record<CheckName, Lint>> = table;
