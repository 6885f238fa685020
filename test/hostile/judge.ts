import type { ExecutionContext } from 'ava';
import { presets } from '../../src/core/identity/presets.ts';
import { type ReasonName, reasons } from '../../src/core/reasons.ts';
import { headersOf } from '../support/check-wire.ts';
import type { Answer } from '../support/check-world.ts';
import { expectedRefusals, isRefused } from '../support/expected-answers.ts';
import type { Case, HeaderLines, Input, Seen } from './case.ts';
import { PROTECTED_RESOURCE } from './fixture.ts';

type Refusal = keyof typeof expectedRefusals;

/** Whether a reason lets the request pass. */
export function passes(reason: ReasonName): boolean {
  return reason !== 'metadata_served' && !Object.hasOwn(expectedRefusals, reason);
}

/** Holds an answer of the gRPC service, and its decision, against what the case says; `title` names the way it came. */
export function judge(
  t: ExecutionContext,
  answer: Answer,
  { scope, seen, reason }: Pick<Case, 'scope' | 'seen' | 'reason'>,
  title: string,
  sent: HeaderLines = [],
): void {
  const { decision, response } = answer;
  if (passes(reason)) {
    t.is(decision.reason, reason, `${title}: ${'detail' in decision ? decision.detail : ''}`);
    t.is(decision.effect, 'allow', title);
    t.is(response.status?.code, 0, title);
    t.is(response.deniedResponse, undefined, title);
    t.is(response.errorResponse, undefined, title);
    const { headers, headersToRemove = [] } = response.okResponse ?? {};
    isComplete(t, headersOf(headers), headersToRemove, title);
    for (const [name] of sent) {
      const lower = name.trim().toLowerCase();
      const gone = headersToRemove.includes(lower) || lower in headersOf(headers);
      if (canPassFor(lower)) t.true(gone, `${title}: ${lower} stays`);
    }
    for (const [name, value] of Object.entries(seen?.headers ?? {}))
      t.is(headersOf(headers)[name] ?? null, value, `${title}: ${name}`);
    // Envoy appends to what the client sent unless it is told both ways not to.
    for (const { append, appendAction } of headers ?? [])
      t.deepEqual([append?.value ?? false, appendAction], [false, 'OVERWRITE_IF_EXISTS_OR_ADD'], title);
  } else if (reason === 'metadata_served') isServed(t, answer, title);
  else if (response.deniedResponse?.body === '{}') {
    // The preset of oauth2-proxy says nothing more in the body.
    const [status, code] = expectedRefusals[reason as Refusal];
    t.is(decision.reason, reason, title);
    t.is(response.deniedResponse.status?.code as number | undefined, status, title);
    t.is(response.status?.code, code, title);
  } else if (/^(?:token-endpoint|spiffe-token|certificate-token)$/.test(decision.found.rule?.name ?? ''))
    isRefusedAtTokenEndpoint(t, answer, reason as Refusal, title);
  else
    isRefused(t, answer, reason as Refusal, {
      title: `${title}: ${reason}`,
      ...(scope !== undefined && { scope }),
    });
}

/** The client gets a document, and the application gets nothing. */
function isServed(t: ExecutionContext, { decision, response }: Answer, title: string): void {
  t.is(decision.reason, 'metadata_served', title);
  t.is(decision.effect, 'answer', title);
  t.is(response.status?.code, 7, title);
  t.is(response.okResponse, undefined, title);
  t.is(response.deniedResponse?.status?.code as number | undefined, 200, title);
  t.is(JSON.parse(response.deniedResponse?.body ?? '').resource, PROTECTED_RESOURCE, title);
}

/** Whether some server takes a name for that of a managed header: by its letters and digits alone (RFC 3875 §4.1.18). */
export function canPassFor(name: string): boolean {
  return Object.hasOwn(presets.standard, name.toLowerCase().replace(/[^a-z0-9]/g, '-'));
}

/** Each managed header is either set or removed, and none is both. */
function isComplete(
  t: ExecutionContext,
  set: Readonly<Record<string, string>>,
  remove: readonly string[],
  title: string,
): void {
  for (const name of Object.keys(presets.standard)) {
    t.true(name in set !== remove.includes(name), `${title}: ${name} is neither set nor removed, or both`);
    t.true(remove.includes(name.replaceAll('-', '_')), `${title}: ${name} with _`);
  }
  for (const [name, value] of Object.entries(set)) {
    t.regex(value, /^[\x20-\x7e]+$/, `${title}: ${name}`);
    t.false(value.includes(' AND '), `${title}: ${name} is set twice`);
  }
}

/** A token endpoint answers in the words of RFC 6749 §5.2 and challenges for no bearer token. */
function isRefusedAtTokenEndpoint(t: ExecutionContext, answer: Answer, reason: Refusal, title: string): void {
  const { decision, response } = answer;
  t.is(decision.reason, reason, `${title}: ${'detail' in decision ? decision.detail : ''}`);
  const { status, error, text } = reasons[reason];
  t.is(response.deniedResponse?.status?.code as number | undefined, status, title);
  t.is(response.status?.code, status === 401 ? 16 : 7, title);
  t.is(headersOf(response.deniedResponse?.headers)['www-authenticate'], undefined, title);
  const body = JSON.parse(response.deniedResponse?.body ?? '');
  t.is(body.error, error === 'invalid_token' ? 'invalid_client' : error, title);
  t.is(body.error_description, text, title);
  t.is(response.okResponse, undefined, title);
}

/** Members of the line in the decision log, where the case names any. */
export function judgeLine(
  t: ExecutionContext,
  line: Readonly<Record<string, unknown>>,
  seen: Seen | undefined,
  title: string,
): void {
  for (const [name, value] of Object.entries(seen?.line ?? {}))
    t.deepEqual(line[name] ?? null, value, `${title}: ${name} in the log`);
}

/** Texts that must not appear anywhere: each part of a token, a secret, a certificate, a query. */
export function secretsOf({ token, headers = [], path = '', body = '', sender }: Input): readonly string[] {
  const credentials = [
    token ?? '',
    ...headers
      .filter(([name]) =>
        /^(?:authorization|cookie|proxy-authorization|dpop|x-api-key|x-forwarded-access-token|workload-identity-token|workload-proof-token)$/i.test(
          name,
        ),
      )
      .map(([, value]) => value),
    ...[path.slice((path.indexOf('?') + 1 || path.length + 1) - 1), body],
  ];
  const words = credentials.flatMap((text) => text.split(/[.,;&=?\s]+/)).filter((word) => word.length >= 24);
  // The header of a token is no secret, and the rest of it is one whatever it holds.
  const secret = words.filter((word) => !word.startsWith('eyJhbGci'));
  return [...secret, ...(sender ? [sender.urlEncodedPem.slice(100, 160)] : [])];
}

/** An answer, or a line, without anything that was sent. */
export function isDiscreet(
  t: ExecutionContext,
  text: string,
  secrets: readonly string[],
  title: string,
): void {
  for (const secret of secrets) t.false(text.includes(secret), `${title}: ${secret.slice(0, 40)} came back`);
}

/** One line of JSON that no terminal and no parser can take for anything else. */
export function isOneLine(t: ExecutionContext, line: string, title: string): void {
  t.is(line.indexOf('\n'), line.length - 1, title);
  t.notRegex(line.slice(0, -1), /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u, title);
  t.true(line.isWellFormed(), title);
  t.true(line.length < 6_000, `${title}: ${line.length} characters`);
}
