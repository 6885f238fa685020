import { decodeJwt } from 'jose';
import { type Answered, type Headers, type Way, ways } from './asker.ts';
import type { Case } from './cases.ts';
import type { LoggedDecision, RecordedLog } from './decision-log.ts';
import type { Svid } from './workloads.ts';
import { ids } from './workloads.ts';
import type { World } from './world.ts';

/** What a case needs. */
export type Asking = Pick<World, 'tokens' | 'workloads' | 'asker'> & {
  readonly log: Pick<RecordedLog, 'find'>;
};

/** The result of one way of sending. */
export interface Finding {
  readonly way: Way;
  readonly answered: Answered;
  readonly logged: LoggedDecision | undefined;
  /** The headers by which the application knows its caller. */
  readonly identity: Headers;
  /** Differences from the expectation, each in a sentence. Empty if there is none. */
  readonly differences: readonly string[];
}

/** Sends a case each way and compares answer, reason in the decision log, and headers with what was expected. */
export async function judge(one: Case, world: Asking): Promise<readonly Finding[]> {
  const { tokens, workloads, asker, log } = world;
  const peer = one.peer && workloads[one.peer];
  const bearer: Headers = one.token ? [['authorization', `Bearer ${tokens[one.token]}`]] : [];
  const headers = [...bearer, ...(one.headers?.(workloads.oauthclient) ?? [])];
  const findings: Finding[] = [];
  for (const way of ways) {
    const answered = await asker.ask(way, { method: one.method, path: one.path, headers, peer });
    const logged = log.find(answered.decisionId);
    const identity = identityIn(answered.reached ?? []);
    const differences = [
      ...compareAnswer(one, answered),
      ...compareLog(one, way, peer, logged),
      ...compareIdentity(expectedIdentity(one, peer, world), identity),
    ];
    findings.push({ way, answered, logged, identity, differences });
  }
  return findings;
}

function compareAnswer({ expect }: Case, { status, reached }: Answered): string[] {
  const shouldPass = expect.status === 200;
  return [
    ...(status === expect.status ? [] : [`the answer is ${status}, not ${expect.status}`]),
    ...(reached && !shouldPass ? ['the request reached the application'] : []),
    ...(!reached && shouldPass ? ['the request did not reach the application'] : []),
  ];
}

function compareLog(
  { expect: { reason, boundBy } }: Case,
  way: Way,
  peer: Svid | undefined,
  logged: LoggedDecision | undefined,
): string[] {
  if (!logged) return ['the decision log has no line for this answer'];
  const because = logged.detail ? ` (${logged.detail})` : '';
  const source = way === 'PEM' ? 'attribute' : 'xfcc';
  const { spiffe_id: spiffeId, peer_from: from } = logged;
  return [
    ...(logged.reason === reason ? [] : [`the reason is ${logged.reason}${because}, not ${reason}`]),
    ...(logged.bound_by === boundBy
      ? []
      : [`bound by ${logged.bound_by ?? 'nothing'}, not ${boundBy ?? 'nothing'}`]),
    // A public rule, or a missing one, ends the check before the peer is read.
    ...(spiffeId && spiffeId !== peer?.id ? [`the peer is taken for ${spiffeId}`] : []),
    ...(from && from !== source ? [`the peer was read from ${from}, not ${source}`] : []),
  ];
}

function compareIdentity(expected: Headers, found: Headers): string[] {
  const missing = without(expected, found).map((header) => `the application misses ${text(header)}`);
  const surplus = without(found, expected).map((header) => `the application received ${text(header)}`);
  const twice = found.length > expected.length && surplus.length === 0 ? ['a header arrived twice'] : [];
  return [...missing, ...surplus, ...twice];
}

/** Every header that could be read as the caller's identity, in any spelling. Independent of Peerproof's own list. */
function identityIn(headers: Headers): Headers {
  const telling = /^x-(auth-request-.*|spiffe-.*|forwarded-client-cert|client-cert.*)$/;
  return headers.filter(([name]) => telling.test(name.toLowerCase().replaceAll('_', '-')));
}

function expectedIdentity({ token, expect }: Case, peer: Svid | undefined, { tokens }: Asking): Headers {
  if (expect.reason !== 'allowed' || !token || !peer) return [];
  const { sub = '', client_id: clientId, scope, iss = '' } = decodeJwt(tokens[token]);
  return [
    ['x-auth-request-user', sub],
    ['x-auth-request-client-id', String(clientId)],
    ['x-auth-request-scope', String(scope)],
    ['x-auth-request-issuer', iss],
    ['x-spiffe-id', peer.id],
    ['x-forwarded-client-cert', `By=${ids.orders};Hash=${peer.sha256Hex};Subject="";URI=${peer.id}`],
  ];
}

function without(headers: Headers, others: Headers): Headers {
  return headers.filter(([name, value]) => !others.some(([key, other]) => key === name && other === value));
}

function text([name, value]: Headers[number]): string {
  return `${name}: ${value}`;
}
