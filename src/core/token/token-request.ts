import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { longestBody } from '../presented-size.ts';
import { escaped, isName, walkPairs } from './form.ts';
import { namesScheme } from './scheme.ts';

const longestType = 100;

/** The form parameters with which a client authenticates (RFC 6749 §2.3.1, RFC 7521 §4.2). */
export const clientNames = [
  'client_id',
  'client_assertion',
  'client_assertion_type',
  'client_secret',
] as const;
type ClientName = (typeof clientNames)[number];

const longest = Math.max(...clientNames.map(({ length }) => length));
const shortest = Math.min(...clientNames.map(({ length }) => length));
const UNDERSCORE = 0x5f;
const C = 0x63;
const plain = new Uint8Array(longest + 1);
const NUL = 0;
const OPENING = 0x5b;
const CLOSING = 0x5d;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The parameters of a client in a token request. A parameter that was not sent is missing. */
export type ClientParameters = ReadonlyMap<Exclude<ClientName, 'client_secret'>, string>;

/**
 * Reads the parameters of the client from the form of a token request (RFC 6749 §3.2). The body must be
 * complete, at most 64 KiB, and unambiguous: each client parameter once, none in the query, no client secret,
 * and no character that two form readers could interpret differently. Headers that authenticate a client
 * beside the form are refused (RFC 6749 §2.3): Basic, and the attestation of
 * draft-ietf-oauth-attestation-based-client-auth §6.1. Does **not** check what the parameters say.
 */
export function readTokenRequest({
  body,
  bodyless,
  headers,
  path,
}: PresentedRequest): ClientParameters | Denial {
  // Any other value, such as one joined with a client's own, does not confirm that the body is complete.
  if (!['false', undefined].includes(headers['x-envoy-auth-partial-body']))
    return new Denial('body_unreadable', 'the proxy cut the body off: raise max_request_bytes');
  if (body === undefined || body === '') return new Denial('assertion_missing', bodyless ?? noBody);
  if (body.length > longestBody)
    return new Denial('body_unreadable', `the form is longer than ${longestBody} characters`);
  if (!isForm(headers['content-type'] ?? '')) return new Denial('body_unreadable', 'the body is not a form');
  if (!isPlain(headers['content-encoding'] ?? ''))
    return new Denial('body_unreadable', 'the form is compressed');
  if (!isUnambiguous(body))
    return new Denial(
      'body_unreadable',
      'the form contains a semicolon, a broken escape, or a character that is not printable ASCII',
    );
  const form = readForm(body);
  if (!form) return new Denial('body_unreadable', 'the form contains escapes that are not UTF-8');
  if (namesClient(path)) return new Denial('assertion_ambiguous', 'a client parameter in the query');
  const { texts } = form;
  if (texts.has('client_secret') || namesScheme(headers.authorization ?? '', 'basic'))
    return new Denial('assertion_ambiguous', 'a client secret in addition to the assertion or certificate');
  if (headers['oauth-client-attestation'] !== undefined)
    return new Denial(
      'assertion_ambiguous',
      'a client attestation in addition to the assertion or certificate',
    );
  if (form.disguised)
    return new Denial('assertion_ambiguous', 'a name that some form readers take for a client parameter');
  if (form.twice) return new Denial('assertion_ambiguous', 'a client parameter appears twice');
  return texts as ClientParameters;
}

const noBody = 'the check has no body: is with_request_body (Istio: includeRequestBodyInCheck) set?';

function isForm(type: string): boolean {
  return (
    type.length <= longestType && /^application\/x-www-form-urlencoded(?:\s*;\s*charset=utf-8)?$/i.test(type)
  );
}

function isPlain(encoding: string): boolean {
  return encoding === '' || (encoding.length <= longestType && encoding.toLowerCase() === 'identity');
}

/** Printable ASCII without `;`, in which each `%` begins an escape. */
function isUnambiguous(body: string): boolean {
  for (let at = 0; at < body.length; at++) {
    const code = body.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f || code === 0x3b) return false;
    if (code === 0x25 && escaped(body, at) < 0) return false;
  }
  return true;
}

interface ClientForm {
  /** The parameters of a client, each as it appeared first. */
  readonly texts: ReadonlyMap<ClientName, string>;
  /** A parameter appears in another spelling. */
  readonly disguised: boolean;
  readonly twice: boolean;
}

/** Undefined if the escapes are not UTF-8: a reader that repairs them would see one text in two forms. */
function readForm(body: string): ClientForm | undefined {
  const places = new Map<ClientName, readonly [begin: number, end: number]>();
  let disguised = false;
  let twice = false;
  const bytes = walkPairs(body, '&', (all, begin, equals, end) => {
    const name = clientNameIn(all, begin, equals);
    if (name === undefined) return;
    if (!isName(name, all, begin, equals)) disguised = true;
    else if (places.has(name)) twice = true;
    else places.set(name, [Math.min(equals + 1, end), end]);
  });
  try {
    utf8.decode(bytes);
  } catch {
    return undefined;
  }
  const texts = new Map(
    [...places].map(([name, [begin, end]]) => [name, utf8.decode(bytes.subarray(begin, end))]),
  );
  return { texts, disguised, twice };
}

/** Whether the query contains a client parameter, in any spelling that some reader accepts. */
function namesClient(path: string): boolean {
  const query = path.indexOf('?');
  if (query < 0) return false;
  let found = false;
  walkPairs(path.slice(query + 1), '&;', (bytes, begin, equals) => {
    found ||= clientNameIn(bytes, begin, equals) !== undefined;
  });
  return found;
}

/**
 * The client parameter that some form reader would take this name for. Case is ignored, and a run of
 * characters that are not letters counts as one `_`, because PHP reads `client.id` and `client_id[]` that
 * way. The same holds for the part before a NUL, where PHP ends a name, and for the part before or within
 * brackets, where readers of lists end it: `client_id[x]`, `[client_id]x`. Looks at each byte twice at most.
 */
export function clientNameIn(bytes: Uint8Array, begin: number, end: number): ClientName | undefined {
  // A form can have thirty thousand names of a letter.
  if (end - begin < shortest) return undefined;
  return nameIn(bytes, begin, end) ?? nameIn(bytes, begin, cutOff(bytes, begin, end));
}

/** Where the name ends for a reader who does not read all of it. */
function cutOff(bytes: Uint8Array, begin: number, end: number): number {
  let begun = false;
  for (let at = begin; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (begun && (byte === NUL || byte === OPENING || byte === CLOSING)) return at;
    begun ||= toLetter(byte) !== 0;
  }
  return end;
}

function nameIn(bytes: Uint8Array, begin: number, end: number): ClientName | undefined {
  let length = 0;
  for (let at = begin; at < end; at++) {
    const letter = toLetter(bytes[at] ?? 0);
    // All parameters begin with `c`, and most other names do not.
    if (length === 0 && letter !== C && letter !== 0) return undefined;
    if (letter !== 0) plain[length++] = letter;
    else if (length > 0 && plain[length - 1] !== UNDERSCORE) plain[length++] = UNDERSCORE;
    if (length > longest && !(length === longest + 1 && letter === 0)) return undefined;
  }
  if (plain[length - 1] === UNDERSCORE) length--;
  return clientNames.find((name) => isName(name, plain, 0, length));
}

/** The letter in lower case, or 0 for any other byte. */
function toLetter(byte: number): number {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? lower : 0;
}
