import type { Finding } from './finding.ts';
import { asGithub } from './github.ts';
import { asSarif } from './sarif.ts';
import { asText } from './text.ts';

/** What `validate` found out about a configuration. */
export interface Report {
  /** As it was named. */
  readonly file: string;
  readonly findings: readonly Finding[];
  /** One line, if the configuration can be used: what it holds, and its version. */
  readonly valid: string | undefined;
}

/** What a report looks like on the two outputs. Each is empty, or complete lines without the last line end. */
export interface Printed {
  readonly out: string;
  readonly error: string;
}

/** The formats of `validate --format`. None of them lets a file name or a message add a line or a command. */
export const formats = {
  text: asText,
  json: ({ findings }) => ({ out: JSON.stringify(findings, null, 2), error: '' }),
  github: asGithub,
  sarif: asSarif,
} as const satisfies Readonly<Record<string, (report: Report) => Printed>>;

export type FormatName = keyof typeof formats;

export function isFormat(name: string): name is FormatName {
  return Object.hasOwn(formats, name);
}
