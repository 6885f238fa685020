import type { Cache } from '../../lib/cache.ts';
import { Malformed } from '../../lib/malformed.ts';
import { type Soon, whenHere } from '../../lib/soon.ts';
import { Denial } from '../denial.ts';
import type { Moment } from '../evidence.ts';
import { readClaims } from './claims.ts';
import type { Issuer, Issuers } from './issuers.ts';
import { keepHeader, parseJws, type UnverifiedJws } from './jws.ts';
import type { VerificationKey } from './keys.ts';
import { joinReviewed, type ReviewedAccount } from './reviewed-account.ts';
import type { ServiceAccount } from './service-account.ts';
import { type Signed, verifySignature } from './signature.ts';
import type { TokenKind, VerifiedToken } from './verified-token.ts';

export interface TokenPolicy {
  readonly issuers: Issuers;
  /** Characters. A longer token is refused unread. */
  readonly maxTokenLength: number;
}

/** A token whose signature was verified before, and the key that verified it. Dropped with that key. */
export interface CachedToken {
  readonly token: VerifiedToken;
  readonly key: VerificationKey;
}

/** Computes the digest of a token, so that the cache contains no credentials. */
export type Digest = (token: string) => string;

/** What the rule accepts. An absent field accepts everything. */
export interface Accepted {
  /** Names of issuers. Empty: all. */
  readonly issuers?: readonly string[];
  readonly kinds?: ReadonlySet<TokenKind>;
}

/**
 * Proves that a token is from the issuer that it names: by its signature, by the issuer's answer
 * (TokenReview, introspection), or by both, as the issuer is configured. Only then are its claims read. A
 * malformed token never reaches an issuer that has keys here. Waits only if an issuer must be asked. Does
 * **not** check time, audience or type: `acceptToken` does, at every check.
 * @param accepted what the rule accepts; decides which issuer is asked about a token that is not a JWT, if
 * any
 * @throws DependencyError if the issuer is needed and does not answer
 */
export function verifyToken(
  text: string,
  policy: TokenPolicy,
  cache: Cache<CachedToken>,
  digest: Digest,
  moment: Moment,
  accepted: Accepted = {},
): Soon<VerifiedToken | Denial> {
  if (text.length > policy.maxTokenLength)
    return new Denial('token_too_large', `${text.length} characters, more than ${policy.maxTokenLength}`);
  const id = digest(text);
  const known = recall(id, policy, cache, moment.now);
  if (known) return known.issuer.authority ? confirm(text, id, known, moment) : known.token;

  const presented = identify(text, policy, accepted);
  if (presented instanceof Denial) return presented;
  const { jws, issuer } = presented;
  if (issuer && (!jws || !issuer.keys)) return confirm(text, id, { jws, issuer }, moment);
  if (!jws) return new Denial('token_issuer_unknown');
  return whenHere(verifySignature(jws, issuer, moment), (signed) => {
    if (signed instanceof Denial) return issuer ? signed : explainIssuer(signed, jws, policy.issuers);
    keepHeader(jws);
    cache.set(id, { token: { ...signed.token, cached: true, digest: id }, key: signed.key });
    return signed.issuer.authority ? confirm(text, id, signed, moment) : signed.token;
  });
}

/** Says in a refusal of an unknown issuer which one may be meant. Returns every other refusal as it is. */
function explainIssuer(denial: Denial, jws: UnverifiedJws, issuers: Issuers): Denial {
  if (denial.reason !== 'token_issuer_unknown') return denial;
  return new Denial(denial.reason, `${denial.detail}; ${issuers.describeLike(jws)}`);
}

function recall(
  id: string,
  { issuers }: TokenPolicy,
  cache: Cache<CachedToken>,
  now: number,
): Signed | undefined {
  const remembered = cache.get(id);
  if (!remembered) return undefined;
  const issuer = issuers.named(remembered.token.issuer);
  if (issuer?.keys?.current(now).keys.includes(remembered.key)) return { ...remembered, issuer };
  cache.delete(id);
  return undefined;
}

/** The issuer that a token claims to be from. Nothing is verified yet. */
interface Presented {
  readonly issuer: Issuer | undefined;
  readonly jws: UnverifiedJws | undefined;
}

function identify(
  text: string,
  { issuers }: TokenPolicy,
  { kinds, issuers: names = [] }: Accepted,
): Presented | Denial {
  const jws = parseJws(text);
  if (!(jws instanceof Malformed)) return { jws, issuer: issuers.forJwt(jws) };
  if (looksLikeJwt(text)) return new Denial('token_malformed', jws.why);
  if (kinds && !kinds.has('opaque-token'))
    return new Denial('token_malformed', 'not a JWT, and opaque tokens are not accepted here');
  const issuer = issuers.forOpaqueToken(names);
  return issuer instanceof Denial ? issuer : { jws: undefined, issuer };
}

/** Whether a text begins like a JOSE header and has the parts of a JWT. A broken JWT is sent to no issuer. */
function looksLikeJwt(text: string): boolean {
  const first = text.indexOf('.');
  return text.startsWith('eyJ') && first >= 0 && text.includes('.', first + 1);
}

/** Asks the issuer's authority. Its answer and the token must agree. */
async function confirm(
  text: string,
  id: string,
  asked: Signed | { readonly issuer: Issuer; readonly jws: UnverifiedJws | undefined },
  moment: Moment,
): Promise<VerifiedToken | Denial> {
  const { issuer } = asked;
  const said = await issuer.authority?.ask(text, id, moment);
  if (said === undefined) throw new TypeError(`the issuer ${issuer.name} has neither keys nor an authority`);
  if (said instanceof Denial || !said.cached) moment.steps?.done('issuer_answered');
  if (said instanceof Denial) return said;
  const token =
    'token' in asked
      ? asked.token
      : readClaims(said.claims ?? asked.jws?.payload ?? {}, issuer, unverifiedHeader(asked.jws));
  if (token instanceof Denial) return token;
  if (said.username !== undefined && said.username !== token.subject)
    return new Denial('token_review_refused', 'the answer is about another subject than the token');
  const { cached, audiences = token.audiences, account } = said;
  const serviceAccount = withReviewed(token.serviceAccount, account);
  if (serviceAccount instanceof Malformed) return new Denial('token_review_refused', serviceAccount.why);
  return { ...token, cached, audiences, serviceAccount, digest: undefined };
}

/** A token that does not name its ServiceAccount gets none from the answer: its profile refuses it. */
function withReviewed(
  account: ServiceAccount | undefined,
  said: ReviewedAccount | undefined,
): ServiceAccount | undefined | Malformed {
  return account && said ? joinReviewed(account, said) : account;
}

function unverifiedHeader(jws: UnverifiedJws | undefined): Parameters<typeof readClaims>[2] {
  const { alg, kid, typ } = jws?.header ?? {};
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { algorithm: text(alg), kid: text(kid), typ: text(typ), keyFetchedAt: undefined, cached: false };
}
