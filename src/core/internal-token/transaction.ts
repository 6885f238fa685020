import { Cache } from '../../lib/cache.ts';
import { valueText } from '../../lib/excerpt.ts';
import type { JsonObject } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { ownCopy } from '../../lib/own-copy.ts';
import { formatTime } from '../../lib/time.ts';
import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';
import { parseJws } from '../token/jws.ts';
import { formats } from './claims.ts';
import { isSignedBy, type SigningKey, type SigningKeys } from './signing-key.ts';

/** A Transaction Token of this service that came with a request, after it was verified. */
export interface Transaction {
  /** As it was sent. The application gets it unchanged. */
  readonly text: string;
  /** The transaction that it belongs to. */
  readonly txn: string;
  readonly expiresAt: number;
  /** The key that verified it. It is not believed for longer than its key is published. */
  readonly key: SigningKey;
}

export interface TransactionPolicy {
  /** What `iss` and `aud` must be. */
  readonly issuer: string;
  readonly trustDomain: string;
  readonly keys: SigningKeys;
  /** Those that were verified before, by their digest. Their time is looked at each time. */
  readonly known: Cache<Transaction>;
  readonly digest: (text: string) => string;
}

/** @param memory bytes for those that were verified before */
export function createTransactions(
  of: Pick<TransactionPolicy, 'issuer' | 'trustDomain' | 'keys' | 'digest'>,
  memory: number,
): TransactionPolicy {
  return { ...of, known: new Cache<Transaction>(memory, (_, { text }) => 1_024 + 2 * text.length) };
}

/** The header of draft-ietf-oauth-transaction-tokens-10 §10.1. */
export const transactionHeader = 'txn-token';

/** Characters. Those that we mint are no longer. */
const longest = 8_192;

/**
 * The Transaction Token of a request, verified as draft-ietf-oauth-transaction-tokens-10 §10.2 says: `typ`, the
 * signature by a key of ours, `aud`, `exp`, and that the required claims are there (§5.2). Undefined if there is
 * none. The draft has one service for each trust domain that makes them, and that is this one: another `iss` is
 * refused. Only a workload of the trust domain passes one on. From others it is not read, and removed like any
 * header that a client makes up: else whoever got hold of one could speak for its subject from outside. Whether it
 * was made for a call of this workload, and whether it was sent before, is **not** checked (§11.2).
 */
export function readTransaction(
  { headers }: PresentedRequest,
  peer: VerifiedPeer | undefined,
  policy: TransactionPolicy,
  now: number,
): Transaction | undefined | Denial {
  const text = headers[transactionHeader];
  if (text === undefined || text === '') return undefined;
  if (peer?.spiffeId?.trustDomain !== policy.trustDomain) return undefined;
  if (text.length > longest) return malformed(`longer than ${longest} characters`);
  const id = policy.digest(text);
  const known = policy.known.get(id);
  const transaction =
    known && policy.keys.published().includes(known.key) ? known : verify(ownCopy(text), policy);
  if (transaction instanceof Denial) return transaction;
  if (transaction !== known) policy.known.set(id, transaction);
  if (now < transaction.expiresAt) return transaction;
  return new Denial('txn_token_expired', `expired ${formatTime(transaction.expiresAt)}`);
}

function verify(text: string, { issuer, trustDomain, keys }: TransactionPolicy): Transaction | Denial {
  const jws = parseJws(text);
  if (jws instanceof Malformed) return malformed(jws.why);
  const { typ, alg, kid, crit, b64 } = jws.header;
  if (crit !== undefined || b64 !== undefined) return malformed('crit or b64 in the header');
  if (typ !== formats['txn-token'].typ) return malformed(`typ is ${valueText(typ)}`);
  const { iss, aud, exp, txn } = jws.payload;
  if (iss !== issuer) return new Denial('txn_token_untrusted', `iss is ${valueText(iss)}, and not ${issuer}`);
  const key = keys.published().find((one) => one.kid === kid && one.algorithm === alg);
  if (!key)
    return new Denial(
      'txn_token_untrusted',
      `no key of ours has alg ${valueText(alg)}, kid ${valueText(kid)}`,
    );
  if (!isSignedBy(key, jws.signingInput, jws.signature))
    return new Denial('txn_token_untrusted', `the signature is invalid, kid ${valueText(kid)}`);
  const missing = findMissing(jws.payload);
  if (missing) return malformed(`${missing} is missing, or has another type`);
  if (aud !== trustDomain)
    return new Denial('txn_token_trust_domain_mismatch', `aud is ${valueText(aud)}, and not ${trustDomain}`);
  return { text, key, txn: txn as string, expiresAt: (exp as number) * 1000 };
}

/** Looked at after the signature: before it, nothing is known to be a mistake of ours. */
function findMissing(claims: JsonObject): string | undefined {
  const texts = ['sub', 'txn', 'req_wl'].find(
    (name) => typeof claims[name] !== 'string' || claims[name] === '',
  );
  if (texts) return texts;
  if (typeof claims.scope !== 'string') return 'scope';
  return ['iat', 'exp'].find((name) => !Number.isFinite(claims[name]));
}

function malformed(why: string): Denial {
  return new Denial('txn_token_malformed', why);
}
