import type { Case, HeaderLines, Input } from '../case.ts';
import type { Fixture, Workload } from '../fixture.ts';

/** RFC 7523 §2.2. */
export const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The parameters of a good token request of the shop. */
export const good = (f: Fixture) => ({
  grant_type: 'client_credentials',
  client_id: 'shop',
  client_assertion: f.account(),
  client_assertion_type: type,
});
/** Its form. */
export const form = (f: Fixture, changes: Record<string, string> = {}) =>
  new URLSearchParams({ ...good(f), ...changes }).toString();
/** Of a form. */
export const contentType: HeaderLines = [['content-type', 'application/x-www-form-urlencoded']];

/** What else is different. */
export interface Change extends Omit<Partial<Case>, 'send' | 'reason'> {
  readonly sender?: Workload;
  readonly path?: string;
  readonly headers?: HeaderLines;
  readonly method?: string;
}

/** A token request with this body. */
export const post = (
  body: (f: Fixture) => string,
  reason: Case['reason'],
  { sender = 'shop', path = '/token', headers = contentType, method = 'POST', ...more }: Change = {},
): Case => ({
  send: (f): Input => ({ method, path, sender: f.senders[sender], headers, body: body(f) }),
  reason,
  ...more,
});
/** Some parameters have another value. */
export const changed = (
  changes: (f: Fixture) => Record<string, string>,
  reason: Case['reason'],
  more: Change = {},
) => post((f) => form(f, changes(f)), reason, more);
/** Something stands behind the form. */
export const followed = (text: string, reason: Case['reason'] = 'assertion_ambiguous') =>
  post((f) => `${form(f)}&${text}`, reason);
/** Headers beside the good form. */
export const beside = (headers: HeaderLines, reason: Case['reason'], more: Change = {}) =>
  post((f) => form(f), reason, { ...more, headers: [...contentType, ...headers] });
