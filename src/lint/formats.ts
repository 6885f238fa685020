import { asGithub } from './github.ts';
import { asSarif } from './sarif.ts';
import { asText } from './text.ts';
import type { Printed, Validation } from './validation.ts';

/** The formats of `validate --format`. None of them lets a file name or a message add a line or a command. */
export const formats = {
  text: asText,
  json: ({ findings }) => ({ out: JSON.stringify(findings, null, 2), error: '' }),
  github: asGithub,
  sarif: asSarif,
} as const satisfies Readonly<Record<string, (validation: Validation) => Printed>>;

export type FormatName = keyof typeof formats;

export function isFormat(name: string): name is FormatName {
  return Object.hasOwn(formats, name);
}
