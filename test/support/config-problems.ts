import { parseConfig } from '../../src/config/load.ts';
import { ConfigError, type Problem } from '../../src/config/problem.ts';

/** What is wrong with a configuration; empty where nothing is. */
export function problemsOf(text: string, file = 'test.yaml'): readonly Problem[] {
  try {
    parseConfig(text, file);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** A small configuration that is good, with lines in place of parts of it. */
export function goodConfig(
  parts: { issuer?: string; peers?: string; rules?: string; more?: string } = {},
): string {
  return `issuers:
  corp:
    issuer: https://login.example.com
    audiences: [orders]
${parts.issuer ?? ''}
peers:
  trustDomains: {cluster.local: {}}
${parts.peers ?? ''}
${parts.more ?? ''}
rules:
${parts.rules ?? '- name: orders'}
`;
}
