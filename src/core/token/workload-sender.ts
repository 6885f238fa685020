import type { Cache } from '../../lib/cache.ts';
import { type Soon, whenHere } from '../../lib/soon.ts';
import { Denial } from '../denial.ts';
import type { Moment, PresentedRequest } from '../evidence.ts';
import type { Revocations } from '../revocation/revocations.ts';
import { acceptToken } from './accept-token.ts';
import type { TokenKind, VerifiedToken } from './verified-token.ts';
import { type CachedToken, type Digest, type TokenPolicy, verifyToken } from './verify-token.ts';
import { wit } from './wit-carriers.ts';
import { readWorkloadToken } from './workload-token.ts';

/** A workload identity token that came beside an access token. It is worth nothing without its proof. */
export interface WorkloadSender {
  readonly token: VerifiedToken;
  /** As it was sent. */
  readonly text: string;
}

interface Tokens {
  readonly tokens: TokenPolicy;
  readonly tokenCache: Cache<CachedToken>;
  readonly digest: Digest;
  readonly revocations?: Revocations | undefined;
}

const kinds: ReadonlySet<TokenKind> = new Set(['workload-identity-token']);

/**
 * Verifies the workload identity token beside an access token, as if the rule asked for it: signature, time,
 * type, and whether it was revoked. Any configured trust domain may have issued it. Whether its workload owns the access token is
 * for the proof to say. Waits only if its keys must be fetched.
 * @throws DependencyError if the keys of its trust domain are not available
 */
export function verifyWorkloadSender(
  request: PresentedRequest,
  { tokens, tokenCache, digest, revocations }: Tokens,
  moment: Moment,
): Soon<WorkloadSender | Denial> {
  const text = readWorkloadToken(request);
  if (text === undefined) return new Denial('binding_missing', `wit: ${wit.header} is missing`);
  if (text instanceof Denial) return text;
  return whenHere(verifyToken(text, tokens, tokenCache, digest, moment, { kinds }), (token) => {
    if (token instanceof Denial) return ofSender(token);
    const unusable =
      acceptToken(token, tokens.issuers, kinds, moment.now) ??
      revocations?.find(token, undefined, undefined, moment.now);
    return unusable ? ofSender(unusable) : { token, text };
  });
}

/** The caller learns the reason alone, so the log must say which token it is about. */
function ofSender({ reason, detail = 'refused' }: Denial): Denial {
  return new Denial(reason, `wit: ${detail}`);
}
