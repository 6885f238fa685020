import { problemLine } from '../config/problem.ts';
import type { Finding } from './finding.ts';
import type { Printed, Validation } from './validation.ts';

/** Characters that end a line, move the cursor, or change the direction of a text. */
const unprintable = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line per finding. Errors go to the error output, in the form that a failed start has too. */
export function asText({ file, findings, valid }: Validation): Printed {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const others = findings.filter(({ severity }) => severity !== 'error');
  return {
    out: [...others.map(findingLine), ...(valid === undefined ? [] : [printable(`${file}: ${valid}`)])].join(
      '\n',
    ),
    error: errors.map((finding) => printable(problemLine(finding))).join('\n'),
  };
}

/** `file:line: warning: key: message [check]` */
function findingLine({ severity, check, key, message, ...place }: Finding): string {
  const text = `${severity}: ${key ? `${key}: ` : ''}${message} [${check}]`;
  return printable(problemLine({ ...place, key: '', message: text }));
}

export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
