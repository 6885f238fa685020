import { parseConfig } from '../../src/config/load.ts';
import type { Rule } from '../../src/core/policy/rule.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { lint } from '../../src/lint/lint.ts';
import { createRules } from '../../src/serve/create-policy.ts';

/** Parts of a configuration in YAML. What is left out has a value that no check finds anything about. */
export interface Parts {
  readonly listen?: string;
  readonly issuers?: string;
  readonly peers?: string;
  readonly rules?: string;
  readonly more?: string;
}

const corp = '{corp: {issuer: https://login.example.com, audiences: [orders]}}';

export function configOf({ listen, issuers, peers, rules, more }: Parts): string {
  return `listen: ${listen ?? '{grpc: 127.0.0.1:9001, admin: 127.0.0.1:9003}'}
issuers: ${issuers ?? corp}
peers: ${peers ?? '{}'}
${more ?? ''}
rules: [${rules ?? '{name: orders, match: {paths: [/orders]}}'}]
`;
}

export function lintOf(parts: Parts): readonly Finding[] {
  return lint(parseConfig(configOf(parts), 'peerproof.yaml'));
}

/** Check, severity and key of each finding. */
export function shortly(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ check, severity, key }) => `${severity} ${check} ${key}`);
}

/** The rules as the router gets them. */
export function rulesOf(parts: Parts): readonly Rule[] {
  return createRules(parseConfig(configOf(parts), 'peerproof.yaml').config);
}
