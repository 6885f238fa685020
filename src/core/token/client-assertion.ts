import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { longestBody } from '../presented-size.ts';
import { type ClientName, clientNameIn } from './client-names.ts';
import { escaped, isName, walkPairs } from './form.ts';
import { namesScheme } from './scheme.ts';

/** The type of RFC 7523 §2.2. There is no other for JWTs. */
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const longestType = 100;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** How a client presents itself at a token endpoint (RFC 7521 §4.2): decoded, not verified. */
export interface PresentedAssertion {
  readonly assertion: string;
  readonly clientId: string;
}

/**
 * Reads the client assertion from the form of a token request (RFC 7521 §4.2, RFC 7523 §2.2). The body must
 * be complete, at most 64 KiB, and unambiguous: each client parameter once, none in the query, no second way
 * of authenticating (RFC 6749 §2.3), and no character that two form readers could interpret differently.
 * `client_id` is required, because the subject of a workload's token is not a client ID.
 */
export function readClientAssertion({ body, headers, path }: PresentedRequest): PresentedAssertion | Denial {
  // Any other value, such as one that a client added to the proxy's own, does not confirm that the body is
  // complete.
  if (!['false', undefined].includes(headers['x-envoy-auth-partial-body']))
    return new Denial('body_unreadable', 'the proxy cut the body off: raise max_request_bytes');
  if (body === undefined || body === '')
    return new Denial('assertion_missing', 'the check has no body: is with_request_body set?');
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
  if (form.texts.has('client_secret') || namesScheme(headers.authorization ?? '', 'basic'))
    return new Denial('assertion_ambiguous', 'a client secret in addition to the assertion');
  if (form.disguised)
    return new Denial('assertion_ambiguous', 'a name that some form readers take for a client parameter');
  if (form.twice) return new Denial('assertion_ambiguous', 'a client parameter appears twice');

  const assertion = form.texts.get('client_assertion');
  const clientId = form.texts.get('client_id');
  if (!assertion) return new Denial('assertion_missing', 'the form has no client_assertion');
  if (form.texts.get('client_assertion_type') !== assertionType)
    return new Denial('assertion_type_unsupported', 'client_assertion_type is not jwt-bearer');
  if (!clientId) return new Denial('client_not_registered', 'the form has no client_id');
  return { assertion, clientId };
}

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

/**
 * Undefined if the escapes are not UTF-8: a reader that repairs them would read different forms as the same
 * text.
 */
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
