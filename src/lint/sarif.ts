import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checks, type Lint } from './checks.ts';
import type { Finding } from './finding.ts';
import type { Printed, Report } from './formats.ts';

const names = Object.keys(checks);

/** SARIF 2.1.0 (OASIS), which code scanning reads. */
export function asSarif({ findings, valid }: Report): Printed {
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'peerproof validate', rules: Object.entries<Lint>(checks).map(asRule) } },
        results: findings.map(asResult),
        ...(valid !== undefined && { properties: { summary: valid } }),
      },
    ],
  };
  return { out: JSON.stringify(log, null, 2), error: '' };
}

function asRule([id, { severity, says, remedy }]: [string, Lint]) {
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
    ruleIndex: names.indexOf(check),
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
