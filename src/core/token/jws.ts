import { Cache } from '../../lib/cache.ts';
import type { JsonObject } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { weightOf, weightOfEntry } from '../../lib/weight.ts';
import { findJsonFlaw } from './json-flaw.ts';

/** The parts of a compact JWS. Nothing is verified. */
export interface UnverifiedJws {
  /** The header as it was sent, in base64url. */
  readonly head: string;
  readonly header: JsonObject;
  readonly payload: JsonObject;
  /** What the signature covers: the ASCII of `header.payload`. */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

/** Header and payload may each take this many times the token's length in memory, at least `smallest`. */
const amplification = 8;
const smallest = 131_072;
/**
 * Characters of a segment that cannot take more than `smallest`: the worst JSON, `{"1":{"1":{…`, weighs 79 bytes
 * for each of its bytes (test/lib/weight.test.ts). So most tokens need not be weighed.
 */
const light = 2_048;
/** Headers of verified tokens, because all tokens of a key have the same one. A header is not a secret. */
const headers = new Cache<JsonObject>(2 * smallest, weightOfEntry);
/** Characters. A longer header may hold a certificate, and not come again. */
const longestKept = 512;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Splits a compact JWS (RFC 7515 §5.2 steps 1 to 7): exactly three parts of canonical base64url; header and
 * payload are JSON objects in valid UTF-8. A five-part JWE is malformed. A short token that would take much
 * memory is malformed too: a thousand of them may wait while the keys of their issuer are fetched.
 */
export function parseJws(token: string): UnverifiedJws | Malformed {
  const parts = token.split('.');
  const [head, body, signed] = parts;
  if (parts.length !== 3 || !head || !body || !signed)
    return new Malformed(`${parts.length} parts instead of three`);
  const most = Math.max(smallest, amplification * token.length);
  const known = head.length > longestKept ? undefined : headers.get(head);
  const header = known ?? readObject(head, 'header', most);
  if (header instanceof Malformed) return header;
  const payload = readObject(body, 'payload', most);
  if (payload instanceof Malformed) return payload;
  const signature = decodeSegment(signed);
  if (signature === undefined) return new Malformed('the signature is not canonical base64url');
  return {
    head,
    header,
    payload,
    signingInput: Buffer.from(token.slice(0, head.length + 1 + body.length), 'latin1'),
    signature,
  };
}

/**
 * Keeps the header, for the next token that has the same one. Only for a token whose signature holds, so that forged
 * tokens take no memory, and not for proofs: each client has a header of its own there, with its key.
 */
export function keepHeader({ head, header }: UnverifiedJws): void {
  if (head.length <= longestKept && headers.get(head) !== header) headers.set(head, header);
}

function readObject(segment: string, name: string, most: number): JsonObject | Malformed {
  const bytes = decodeSegment(segment);
  if (bytes === undefined) return new Malformed(`the ${name} is not canonical base64url`);
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch {
    return new Malformed(`the ${name} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Malformed(`the ${name} is not a JSON object`);
  // First, because it stops early: refusing an expensive value must not be expensive.
  if (segment.length > light && weightOf(value, most) > most)
    return new Malformed(
      `the ${name} would take more than ${most} bytes of memory: too many lists, objects and names, or too deep`,
    );
  const flaw = findJsonFlaw(value);
  if (flaw !== undefined) return new Malformed(`the ${name} ${flaw}`);
  return value as JsonObject;
}

/** Buffer accepts padding, the other alphabet and unused bits. Only the canonical form survives the trip. */
function decodeSegment(segment: string): Buffer | undefined {
  const bytes = Buffer.from(segment, 'base64url');
  return bytes.toString('base64url') === segment ? bytes : undefined;
}
