import { visible } from '../lib/visible.ts';
import type { Severity } from './finding.ts';
import type { Printed, Validation } from './validation.ts';

const commands = { error: 'error', warning: 'warning', note: 'notice' } as const satisfies Record<
  Severity,
  string
>;

/**
 * Workflow commands of GitHub Actions, which become annotations:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. Every line is a command,
 * so no text can begin another one.
 */
export function asGithub({ file, findings, valid }: Validation): Printed {
  const lines = findings.map(({ severity, check, line, key, message, file: named }) =>
    command(
      commands[severity],
      { file: named, line: String(line), title: check },
      `${key ? `${key}: ` : ''}${message}`,
    ),
  );
  const end =
    valid === undefined ? [] : [command('notice', { title: 'peerproof validate' }, `${file}: ${valid}`)];
  return { out: [...lines, ...end].join('\n'), error: '' };
}

function command(name: string, properties: Readonly<Record<string, string>>, message: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
  return `::${name} ${list.join(',')}::${data(message)}`;
}

/** As the toolkit of GitHub escapes them (`@actions/core`, command.ts).. */
function data(text: string): string {
  return visible(text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A'));
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
