import { checks } from '../../src/lint/checks.ts';

/** One row a check: its name, its severity, what is wrong, what to do. */
export function lintRows(): readonly (readonly string[])[] {
  return Object.entries(checks).map(([name, { severity, says, remedy }]) => [
    `\`${name}\``,
    severity,
    says,
    remedy,
  ]);
}
