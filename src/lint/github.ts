import { githubCommand } from '../lib/github-command.ts';
import { visible } from '../lib/visible.ts';
import type { Severity } from './finding.ts';
import type { Printed, Validation } from './validation.ts';

const commands = { error: 'error', warning: 'warning', note: 'notice' } as const satisfies Record<
  Severity,
  string
>;

/** Workflow commands of GitHub Actions. Every line is one, so no text can begin another one. */
export function asGithub({ file, findings, valid }: Validation): Printed {
  const lines = findings.map(({ severity, check, line, key, message, file: named }) =>
    command(commands[severity], { file: named, line, title: check }, `${key ? `${key}: ` : ''}${message}`),
  );
  const end =
    valid === undefined ? [] : [command('notice', { title: 'peerproof validate' }, `${file}: ${valid}`)];
  return { out: [...lines, ...end].join('\n'), error: '' };
}

function command(...parts: Parameters<typeof githubCommand>): string {
  return visible(githubCommand(...parts));
}
