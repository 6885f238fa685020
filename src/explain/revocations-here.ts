import type { CheckedConfig } from '../config/load.ts';
import { Revocations } from '../core/revocation/revocations.ts';
import { Malformed } from '../lib/malformed.ts';
import { parseRevocations } from '../sources/revocation/revocation-file.ts';

/** What is known of revocations without a look at the store. */
interface RevocationsHere {
  /** Undefined: nothing can be revoked, or the list is not here. */
  readonly revocations: Revocations | undefined;
  /** Why a token that passes may be revoked all the same. */
  readonly unverified: readonly string[];
}

/** A reader must not take `allowed` for an answer to it. */
const elsewhere =
  'whether the token is revoked was not looked at, because the list is elsewhere: peerproof revoke --list shows it';

/** The revocations of a configuration, if they are in a file that is here. */
export function findRevocationsHere({ config, files }: CheckedConfig, now: number): RevocationsHere {
  const { revocation } = config;
  if (!revocation) return { revocations: undefined, unverified: [] };
  const text = files.get(revocation.file ?? '');
  const list = text === undefined ? undefined : parseRevocations(text);
  if (list === undefined || list instanceof Malformed)
    return { revocations: undefined, unverified: [elsewhere] };
  const revocations = new Revocations(() => revocation);
  revocations.replace(list, now);
  revocations.syncedAt = now;
  return { revocations, unverified: [] };
}
