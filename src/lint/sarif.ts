import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CheckName, checkNames, checks } from './checks.ts';
import type { Finding } from './finding.ts';
import type { Printed, Validation } from './validation.ts';

/** SARIF 2.1.0 (OASIS), which code scanning reads. */
export function asSarif({ findings, valid }: Validation): Printed {
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'peerproof validate', rules: checkNames.map(asRule) } },
        results: findings.map(asResult),
        ...(valid !== undefined && { properties: { summary: valid } }),
      },
    ],
  };
  return { out: JSON.stringify(log, null, 2), error: '' };
}

function asRule(id: CheckName) {
  const { severity, says, remedy } = checks[id];
  const plain = (text: string) => text.replaceAll('`', '');
  return {
    id,
    shortDescription: { text: plain(says) },
    help: { text: plain(`${says} ${remedy}`), markdown: `${says}\n\n${remedy}` },
    defaultConfiguration: { level: severity },
  };
}

function asResult({ check, severity, file, line, key, message }: Finding) {
  return {
    ruleId: check,
    ruleIndex: checkNames.indexOf(check as CheckName),
    level: severity,
    message: { text: message },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line } },
        ...(key && { logicalLocations: [{ fullyQualifiedName: key }] }),
      },
    ],
  };
}

/** A relative reference, or a URL of a file. Every other character of a name is escaped. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.toWellFormed().split('/').map(encodeURIComponent).join('/');
}
