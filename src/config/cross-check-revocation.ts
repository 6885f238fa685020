import { type JsonObject, recordOf } from '../lib/json.ts';
import type { Warn } from './weakness.ts';

interface Tell {
  readonly say: (path: readonly PropertyKey[], message: string) => void;
  /** Names a file that must be read. */
  readonly want: (path: readonly PropertyKey[], file: unknown) => void;
  readonly warn: Warn;
}

/** Checks the settings of revocations against each other. The document may have any shape. */
export function crossCheckRevocation(root: JsonObject, { say, want, warn }: Tell): void {
  if (root.revocation === undefined) return;
  const { file, onOutage } = recordOf(root.revocation);
  want(['revocation', 'file'], file);
  if (file === undefined && recordOf(root.store).redis === undefined)
    say(
      ['revocation'],
      'has no place for revocations: set store.redis, or for one replica revocation.file, such as file: revocations.jsonl',
    );
  if (onOutage === 'useKnown')
    warn(
      'insecure-setting',
      ['revocation', 'onOutage'],
      'during an outage, tokens that were revoked since are accepted',
    );
}
