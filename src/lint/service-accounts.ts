import { tokenProfile } from '../config/issuer-schema.ts';
import { acceptsIssuer } from '../core/token/issuers.ts';
import { listed } from '../lib/excerpt.ts';
import type { Found, Subject } from './finding.ts';

const keys = ['serviceAccounts', 'namespaces', 'pods'] as const;

/** Rules that demand a ServiceAccount and accept no issuer of such tokens. They deny every request. */
export function findMissingClusters({ config, rules }: Subject): readonly Found[] {
  const clusters = Object.entries(config.issuers)
    .filter(([, issuer]) => tokenProfile(issuer) === 'service-account')
    .map(([name]) => name);
  return rules.flatMap(({ rule, path }): Found[] => {
    const demanded = keys.find((key) => rule.serviceAccount[key].length > 0);
    if (!demanded || clusters.some((name) => acceptsIssuer(rule.issuers, name))) return [];
    return [
      {
        path: [...path, 'require', demanded],
        message: `only a ServiceAccount token has it, and the rule accepts no issuer of such tokens: ${clusters.length > 0 ? `add ${clusters[0]} to issuers` : 'configure an issuer with kubernetes'}`,
      },
    ];
  });
}

/** Issuers of ServiceAccount tokens whose workloads could be in several trust domains, so they are in none. */
export function findMissingTrustDomains({ config }: Subject): readonly Found[] {
  const domains = Object.keys(config.peers.trustDomains ?? {});
  if (domains.length < 2) return [];
  return Object.entries(config.issuers)
    .filter(([, issuer]) => tokenProfile(issuer) === 'service-account' && issuer.trustDomain === undefined)
    .map(([name]) => ({
      path: ['issuers', name],
      message: `the ServiceAccounts of ${name} belong to no peer: set trustDomain to one of ${listed(domains)}`,
    }));
}
