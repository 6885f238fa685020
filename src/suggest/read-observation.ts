import { hostPattern, kubernetesPattern, pathPattern } from '../config/fields.ts';
import type { LoadedConfig } from '../config/load.ts';
import { type BindingName, bindingNames } from '../core/binding/bind.ts';
import { parseSpiffeId } from '../core/peer/spiffe-id.ts';
import { hostText, parseHost, possibleHosts } from '../core/policy/host.ts';
import { normalizePath } from '../core/policy/path.ts';
import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { Malformed } from '../lib/malformed.ts';
import { listText } from './caller-condition.ts';
import type { ObservedRequest, SeenCaller } from './observation.ts';

/** What is needed to read lines as the service with this configuration would. */
export interface LineReading {
  readonly config: LoadedConfig['config'];
  /** Names of issuers by their `iss`. */
  readonly issuers: ReadonlyMap<string, string>;
  /** The issuer whose `iss` the configuration does not say, if there is just one. It has ServiceAccounts. */
  readonly cluster: string | undefined;
}

/** The log cuts longer texts. */
const longest = 512;

/** What nobody sees in a configuration: controls, direction marks, spaces that are not the plain one. */
const unclear = /[\p{C}\p{Default_Ignorable_Code_Point}]|(?! )\p{Z}/u;

/**
 * Reads what a line says about the request and its caller. A text says why it cannot become a rule: a rule must
 * name the request and the caller exactly. Does not look at the verdict.
 */
export function readObservation(
  line: DecisionLine,
  reading: LineReading,
): { readonly request: ObservedRequest; readonly caller: SeenCaller } | string {
  const { scopes = [], spiffe_id: peer = '', client_id: client = '' } = line;
  const own = [line.method, line.host, line.path, line.subject, line.issuer, peer, client];
  const texts = [...own, ...actorsOf(line), ...scopes];
  if (texts.some((text = '') => text.length > longest) || scopes.join(' ').length > longest)
    return 'a value is too long, so the log cut it';
  if (texts.some((text = '') => unclear.test(text))) return 'a value holds a character that cannot be shown';
  const request = readRequest(line, reading);
  if (typeof request === 'string') return request;
  const caller = readCaller(line, reading);
  return typeof caller === 'string' ? caller : { request, caller };
}

function readRequest(
  { method = '', host = '', path = '', destination = '' }: DecisionLine,
  { config }: LineReading,
): ObservedRequest | string {
  if (!/^[A-Z][A-Z-]*$/.test(method)) return 'the line names no method that a rule can name';
  const parsed = parseHost(host);
  if (parsed instanceof Malformed) return 'the line names no host that a rule can name';
  const [compared] = possibleHosts(parsed, config.hosts);
  const normal = normalizePath(path, config.paths);
  if (normal instanceof Malformed || normal.text.includes('*') || !pathPattern.safeParse(normal.text).success)
    return 'the path cannot be written as a pattern for itself';
  if (!hostPattern.safeParse(hostText(compared)).success)
    return 'the line names no host that a rule can name';
  if (destination !== '' && parseSpiffeId(destination) instanceof Malformed)
    return 'the destination is not a SPIFFE ID';
  return { method, host: hostText(compared), path: normal.text, destination };
}

function readCaller(line: DecisionLine, reading: LineReading): SeenCaller | string {
  const { spiffe_id: peer = '', subject = '', client_id: client = '', service_account: account = '' } = line;
  const issuer = issuerOfLine(line, reading);
  const actors = actorsOf(line);
  if (line.issuer === undefined)
    return line.would_deny === undefined ? unread : 'no valid token came with the request';
  if (issuer === undefined) return 'the issuer is not in the configuration';
  if (account === '' && subject === '') return 'the token has no subject';
  if (account !== '' && (account.includes('*') || !kubernetesPattern.safeParse(account).success))
    return 'the ServiceAccount cannot be written as a pattern for itself';
  if (peer !== '' && parseSpiffeId(peer) instanceof Malformed) return 'the peer is not a SPIFFE ID';
  return {
    ...{ issuer, peer, account, client, host: '' },
    subject: account === '' ? subject : '',
    actors: actors.length === 0 ? '' : listText(actors),
    scopes: [...new Set(line.scopes)].sort(),
    binding: bindingNames.find((name): name is BindingName => name === line.bound_by) ?? 'none',
  };
}

function actorsOf({ actor, prior_actors: prior = [] }: DecisionLine): readonly string[] {
  return actor === undefined ? [] : [actor, ...prior];
}

const unread = 'the line names no token: only a service with mode: observe reads the token of such a request';

function issuerOfLine({ issuer, service_account: account }: DecisionLine, reading: LineReading) {
  const known = reading.issuers.get(issuer ?? '');
  return known ?? (account === undefined ? undefined : reading.cluster);
}
