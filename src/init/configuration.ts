import type { FirstAnswers } from './answers.ts';
import { parts } from './parts.ts';
import { yamlValue } from './yaml-value.ts';

/**
 * Writes a first configuration with a comment for each setting. Does **not** check the answers: whatever they
 * hold is one value of the YAML, and `checkAnswers` finds what cannot be used.
 */
export function writeConfiguration(answers: FirstAnswers): string {
  const { head, doors, trust, rules } = parts[answers.platform];
  return `# yaml-language-server: $schema=./peerproof.schema.json
# The first configuration of Peerproof, written by peerproof init ${answers.platform}.
# Check it with:  peerproof validate --strict
# All settings:   docs/reference/settings.md
${head}
${doors(answers)}
# Who issues the tokens, and the audience that they must name. The keys are found by discovery.
issuers:
  default: # a name for the log and the metrics
    issuer: ${yamlValue(answers.issuer)}
    audiences: [${answers.audiences.map(yamlValue).join(', ')}]

${trust(answers)}
# The first rule that matches is used. A request that matches no rule is denied.
${rules(answers)}`;
}
