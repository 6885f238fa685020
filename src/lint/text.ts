import { problemLine } from '../config/problem.ts';
import { visible } from '../lib/visible.ts';
import type { Finding } from './finding.ts';
import type { Printed, Validation } from './validation.ts';

/** One line per finding. Errors go to the error output, in the form that a failed start has too. */
export function asText({ file, findings, valid }: Validation): Printed {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const others = findings.filter(({ severity }) => severity !== 'error');
  return {
    out: [...others.map(findingLine), ...(valid === undefined ? [] : [visible(`${file}: ${valid}`)])].join(
      '\n',
    ),
    error: errors.map(problemLine).join('\n'),
  };
}

/** `file:line: warning: key: message [check]` */
function findingLine({ severity, check, key, message, ...place }: Finding): string {
  const text = `${severity}: ${key ? `${key}: ` : ''}${message} [${check}]`;
  return problemLine({ ...place, key: '', message: text });
}
