import { type JsonObject, listOf, recordOf } from '../lib/json.ts';
import type { RawRule } from './cross-check-routes.ts';
import type { Warn } from './weakness.ts';

interface Tell {
  readonly say: (path: readonly PropertyKey[], message: string) => void;
  /** Names a file that must be read. */
  readonly want: (path: readonly PropertyKey[], file: unknown) => void;
  readonly warn: Warn;
}

/** Checks the settings of DPoP, and the rules that accept this proof. The document may have any shape. */
export function crossCheckDpop(root: JsonObject, rules: readonly RawRule[], { say, want, warn }: Tell): void {
  const dpop = recordOf(root.dpop);
  const nonce = recordOf(dpop.nonce);
  want(['dpop', 'nonce', 'keyFile'], nonce.keyFile);
  if (dpop.nonce !== undefined && nonce.keyFile === undefined)
    warn(
      'own-nonce-key',
      ['dpop', 'nonce'],
      'without keyFile the service makes its own key for nonces, and other replicas refuse its nonces',
    );
  for (const { rule, path } of rules) {
    const { binding, credential } = recordOf(rule.require);
    if (credential === 'client-assertion' && listOf(binding).includes('dpop'))
      say(
        [...path, 'require', 'binding'],
        'cannot be dpop: a client assertion is not bound to a key, only an access token is',
      );
  }
}
