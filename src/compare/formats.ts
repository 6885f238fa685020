import type { Compared } from './compare.ts';
import type { ChangeKind } from './finding.ts';
import { reportText } from './report.ts';
import { reportGithub } from './report-github.ts';
import { reportJson } from './report-json.ts';

/** The ways to write a comparison. */
export const formats: ReadonlyMap<string, (comparison: Compared) => string> = new Map([
  ['text', reportText],
  ['json', reportJson],
  ['github', reportGithub],
]);

/** When a comparison fails. What is not known to be the same can be a widening. */
export const failures: ReadonlyMap<string, (comparison: Compared) => boolean> = new Map([
  ['widen', (comparison: Compared) => isUnsure(comparison) || has(comparison, ['widens'])],
  [
    'any',
    (comparison: Compared) => isUnsure(comparison) || has(comparison, ['widens', 'narrows', 'identity']),
  ],
  ['never', () => false],
]);

function isUnsure({ undecided, leftOut }: Compared): boolean {
  return undecided.length + leftOut.length > 0;
}

function has({ findings }: Compared, changes: readonly ChangeKind[]): boolean {
  return findings.some(({ change }) => changes.includes(change));
}
