import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';

/** The type of RFC 7523 §2.2, the only one there is for JWTs. */
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const ofClient = ['client_id', 'client_assertion', 'client_assertion_type', 'client_secret'];

/** How a client presents itself at a token endpoint (RFC 7521 §4.2): decoded, not believed. */
export interface PresentedAssertion {
  readonly assertion: string;
  readonly clientId: string;
}

/**
 * Reads the client assertion of a token request from its form body (RFC 7521 §4.2, RFC 7523 §2.2). The body has to be
 * whole, a form, and unambiguous: each parameter once, nothing of them in the query, no second way of authenticating
 * (RFC 6749 §2.3), no character that two readers of forms could take differently. `client_id` must be there, because
 * the subject of a workload's token is no client ID.
 */
export function readClientAssertion({ body, headers, path }: PresentedRequest): PresentedAssertion | Denial {
  // Whatever else it says, such as what a client put beside the proxy's own word, is no word that the body is whole.
  if (!['false', undefined].includes(headers['x-envoy-auth-partial-body']))
    return new Denial('body_unreadable', 'the proxy cut the body off: raise max_request_bytes');
  if (body === undefined || body === '')
    return new Denial('assertion_missing', 'no body in the check: is with_request_body set?');
  if (!/^application\/x-www-form-urlencoded(?:\s*;\s*charset=utf-8)?$/i.test(headers['content-type'] ?? ''))
    return new Denial('body_unreadable', 'the body is no form');
  if (!['identity', '', undefined].includes(headers['content-encoding']?.toLowerCase()))
    return new Denial('body_unreadable', 'the form is compressed');
  if (!/^(?:[!-$&-:<-~]|%[0-9A-Fa-f]{2})*$/.test(body))
    return new Denial(
      'body_unreadable',
      'the form holds a ; a broken escape, or what is not printable ASCII',
    );
  if (!isUtf8(body)) return new Denial('body_unreadable', 'the form holds escapes that are not UTF-8');
  const form = new URLSearchParams(body);
  const query = new URLSearchParams(path.replace(/^[^?]*/, '').replaceAll(';', '&'));
  if ([...query.keys()].some(namesClient))
    return new Denial('assertion_ambiguous', 'a client parameter in the query');
  if (form.has('client_secret') || /(?:^|,)\s*basic\b/i.test(headers.authorization ?? ''))
    return new Denial('assertion_ambiguous', 'a client secret beside the assertion');

  if ([...form.keys()].some((name) => namesClient(name) && !ofClient.includes(name)))
    return new Denial('assertion_ambiguous', 'a name that some reader takes for a client parameter');

  const read = (name: string) => (form.getAll(name).length > 1 ? null : (form.get(name) ?? ''));
  const [assertion, type, clientId] = ['client_assertion', 'client_assertion_type', 'client_id'].map(read);
  if (assertion === null || type === null || clientId === null)
    return new Denial('assertion_ambiguous', 'a client parameter stands there twice');
  if (!assertion) return new Denial('assertion_missing', 'no client_assertion in the form');
  if (type !== assertionType)
    return new Denial('assertion_type_unsupported', 'client_assertion_type is not jwt-bearer');
  if (!clientId) return new Denial('client_not_registered', 'no client_id in the form');
  return { assertion, clientId };
}

/** URLSearchParams would put U+FFFD for what is none, and so make one text of many. */
function isUtf8(escaped: string): boolean {
  try {
    decodeURIComponent(escaped);
    return true;
  } catch {
    return false;
  }
}

/** Whether some reader of forms takes it for a client parameter: names without case, PHP's `client.id` and `client_id[]`. */
function namesClient(name: string): boolean {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z]+/g, '_')
    .replace(/^_|_$/g, '');
  return ofClient.includes(plain);
}
