import { Cache, readOnce } from '../../lib/cache.ts';
import { Malformed } from '../../lib/malformed.ts';
import { weightOfEntry } from '../../lib/weight.ts';

const maxLength = 65_536;
const maxElements = 32;
const maxPairs = 64;

/** One element of `x-forwarded-client-cert`: what one proxy says of its TLS peer. */
export interface XfccElement {
  /** The element as it stood in the header, to be passed on unchanged. */
  readonly raw: string;
  readonly by: readonly string[];
  readonly uris: readonly string[];
  /** Hex SHA-256 of the DER leaf. */
  readonly hash?: string;
  /** URL-encoded PEM of the leaf. */
  readonly cert?: string;
  /** URL-encoded PEM of leaf and intermediates. */
  readonly chain?: string;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;
/** What is shown of a key in the log; none that is known is as long. */
const longestKey = 20;
const once = new Set(['hash', 'cert', 'chain', 'subject']);
const often = new Set(['by', 'uri', 'dns']);

/**
 * Reads `x-forwarded-client-cert` (Envoy, "HTTP header manipulation"): elements joined by `,`, pairs by `;`,
 * case-insensitive keys, and values with `,` `;` `=` in double quotes with `\"` inside. Strict, because Envoy
 * does not escape URI, DNS and By: an unknown key, a repeated single key, a stray quote, or Envoy's newer
 * JSON form is malformed. Does **not** decide which element may be trusted.
 */
export function parseXfcc(header: string): readonly XfccElement[] | Malformed {
  if (header.length > maxLength) return new Malformed(`longer than ${maxLength} characters`);
  return readOnce(headers, header, parseElements);
}

/** A workload sends the same header with each of its requests, and a check over HTTP reads it three times. */
const headers = new Cache<readonly XfccElement[]>(1_048_576, weightOfEntry);

function parseElements(header: string): readonly XfccElement[] | Malformed {
  if (/^\s*[[{]/.test(header)) return new Malformed('the JSON form is not supported');
  // Envoy escapes them in a subject, and a SAN cannot hold them: Envoy did not write this.
  if (!/^[ -~]*$/.test(header)) return new Malformed('a control character, or one that is not ASCII');
  const elements: XfccElement[] = [];
  let at = 0;
  while (at <= header.length) {
    if (elements.length === maxElements) return new Malformed(`more than ${maxElements} elements`);
    while (header[at] === ' ') at++;
    const start = at;
    const found = { by: [] as string[], uri: [] as string[], dns: [] as string[] };
    const single: Record<string, string> = {};
    for (let pairs = 1; ; pairs++) {
      if (pairs > maxPairs) return new Malformed(`more than ${maxPairs} pairs in an element`);
      const pair = readPair(header, at);
      if (pair instanceof Malformed) return pair;
      if (often.has(pair.key)) found[pair.key as keyof typeof found].push(pair.value);
      else if (!once.has(pair.key)) return new Malformed(`the unknown key "${pair.key}"`);
      else if (Object.hasOwn(single, pair.key))
        return new Malformed(`${pair.key} appears twice in an element`);
      else single[pair.key] = pair.value;
      at = pair.end;
      if (header[at] !== ';') break;
      at++;
    }
    elements.push({
      raw: header.slice(start, at),
      by: found.by,
      uris: found.uri,
      ...(single.hash !== undefined && { hash: single.hash }),
      ...(single.cert !== undefined && { cert: single.cert }),
      ...(single.chain !== undefined && { chain: single.chain }),
    });
    at++; // past the comma, or past the end
  }
  return elements;
}

function readPair(header: string, start: number): { key: string; value: string; end: number } | Malformed {
  const equals = header.indexOf('=', start);
  if (equals < 0) return new Malformed('a pair without =');
  const key = header.slice(start, Math.min(equals, start + longestKey)).toLowerCase();
  let end = equals + 1;
  if (header.charCodeAt(end) !== QUOTE) {
    for (; end < header.length; end++) {
      const code = header.charCodeAt(end);
      if (code === COMMA || code === SEMICOLON) break;
      if (code === QUOTE) return new Malformed('a quote inside a value');
    }
    return { key, value: header.slice(equals + 1, end), end };
  }
  const begin = ++end;
  let escaped = false;
  for (; header.charCodeAt(end) !== QUOTE; end++) {
    if (end >= header.length) return new Malformed('a quote that is not closed');
    if (!isEscape(header, end)) continue;
    escaped = true;
    end++;
  }
  const value = escaped ? unescaped(header, begin, end) : header.slice(begin, end);
  end++;
  if (end < header.length && header[end] !== ',' && header[end] !== ';')
    return new Malformed('text after a quoted value');
  return { key, value, end };
}

function isEscape(header: string, at: number): boolean {
  if (header.charCodeAt(at) !== BACKSLASH) return false;
  const next = header.charCodeAt(at + 1);
  return next === QUOTE || next === BACKSLASH;
}

/** Bytes, not a growing text, because every second character may be escaped. All of it is ASCII. */
function unescaped(header: string, begin: number, end: number): string {
  const bytes = Buffer.allocUnsafe(end - begin);
  let length = 0;
  for (let at = begin; at < end; at++) {
    if (isEscape(header, at)) at++;
    bytes[length++] = header.charCodeAt(at);
  }
  return bytes.toString('latin1', 0, length);
}
