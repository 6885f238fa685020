/**
 * `node tools/trust/audit.ts`: lists known weaknesses of the packages in the lock file that are part of the product. Exit
 * code 1 if one has high severity or worse. If no registry answers, it says so and ends with 0: that is not a reason to stop,
 * and must not look like a good result. Never names the registry, which can be a private one.
 */
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

export interface Verdict {
  readonly answered: boolean;
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

const severities = ['info', 'low', 'moderate', 'high', 'critical'];
const worst = severities.indexOf('high');

/** Judges the output of `npm audit --json`. Anything but a report of version 2 counts as no answer. */
export function judge(output: string): Verdict {
  const vulnerabilities = reportOf(output)?.vulnerabilities;
  if (typeof vulnerabilities !== 'object' || vulnerabilities === null)
    return {
      answered: false,
      lines: [
        'audit: NO ANSWER. The registry did not answer, so nothing is known about these packages:',
        'audit: this is not a good result. Run it again where a registry with an audit endpoint can be reached.',
      ],
      exitCode: 0,
    };
  const found = Object.values(vulnerabilities as Record<string, Found>).map(({ name, severity, range }) => ({
    // An unknown severity counts as the worst.
    level: severities.includes(String(severity)) ? severities.indexOf(String(severity)) : severities.length,
    line: `audit: ${plain(severity)}: ${plain(name)} ${plain(range)}`,
  }));
  const bad = found.filter(({ level }) => level >= worst).length;
  return {
    answered: true,
    lines: [
      ...found.sort((a, b) => b.level - a.level).map(({ line }) => line),
      `audit: ${found.length} packages with known weaknesses, ${bad} of high severity or worse`,
    ],
    exitCode: bad > 0 ? 1 : 0,
  };
}

interface Found {
  readonly name?: unknown;
  readonly severity?: unknown;
  readonly range?: unknown;
}

function reportOf(output: string): { readonly vulnerabilities?: unknown } | undefined {
  try {
    const report = JSON.parse(output);
    return report?.auditReportVersion === 2 ? report : undefined;
  } catch {
    return undefined;
  }
}

function plain(value: unknown): string {
  return String(value)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 200);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
    encoding: 'utf8',
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { lines, exitCode } = judge(stdout ?? '');
  for (const line of lines) console.log(line);
  process.exitCode = exitCode;
}
