import type { Finding } from './finding.ts';

/** What `validate` found out about a configuration. */
export interface Validation {
  /** As it was named. */
  readonly file: string;
  readonly findings: readonly Finding[];
  /** One line, if the configuration can be used: what it holds, and its version. */
  readonly valid: string | undefined;
}

/** What it looks like on the two outputs. Each is empty, or complete lines without the last line end. */
export interface Printed {
  readonly out: string;
  readonly error: string;
}
