import { Denial } from '../core/denial.ts';
import type { Evidence } from '../core/evidence.ts';
import type { Rule } from '../core/policy/rule.ts';
import { readCertificateClient } from '../core/token/client-certificate.ts';
import { credentials } from '../core/token/credential.ts';
import { parseJws, type UnverifiedJws } from '../core/token/jws.ts';
import { wit } from '../core/token/wit-carriers.ts';
import { Malformed } from '../lib/malformed.ts';

/** The token of a request as it was sent. Nothing in it is verified. */
export interface SentToken {
  readonly text: string;
  /** Undefined if it is not a JWT. */
  readonly jws: UnverifiedJws | undefined;
  /** The client that a token request names. */
  readonly clientId: string | undefined;
}

/** Characters. A longer token is not read, whatever the configuration says. */
const longest = 65_536;

/** @param rule says where the token is; by default it is in `Authorization` */
export function presentedToken({ request }: Evidence, rule: Rule | undefined): SentToken | undefined {
  const credential = rule?.credential ?? 'bearer';
  if (!request || credential === 'client-certificate') return undefined;
  const presented = credentials[credential].read(request, rule?.authorizationServer);
  if (presented instanceof Denial) return undefined;
  const { token: text, clientId } = presented;
  const jws = text.length > longest ? undefined : parseJws(text);
  return { text, clientId, jws: jws instanceof Malformed ? undefined : jws };
}

/** The client that a token request names, whatever it authenticates with. */
export function namedClient(evidence: Evidence, rule: Rule | undefined): string | undefined {
  if (rule?.credential !== 'client-certificate') return presentedToken(evidence, rule)?.clientId;
  const named = evidence.request && readCertificateClient(evidence.request);
  return named instanceof Denial ? undefined : named?.clientId;
}

/** The same evidence with another token in the place of the first one. */
export function withToken(evidence: Evidence, before: string, after: string): Evidence {
  const { request } = evidence;
  if (!request) return evidence;
  const headers = { ...request.headers };
  for (const name of ['authorization', wit.header]) {
    const value = headers[name];
    if (value !== undefined) headers[name] = value.replace(before, after);
  }
  const body = request.body?.replace(before, after);
  return { ...evidence, request: { ...request, headers, ...(body !== undefined && { body }) } };
}
