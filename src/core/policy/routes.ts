import { excerpt } from '../../lib/excerpt.ts';
import { atOnce, type Steps } from '../../lib/in-turns.ts';
import { Malformed } from '../../lib/malformed.ts';
import { Denial } from '../denial.ts';
import type { Evidence, PresentedRequest } from '../evidence.ts';
import { type DestinationReading, noForwarded, readDestination } from '../peer/destination.ts';
import type { SpiffeId } from '../peer/spiffe-id.ts';
import { type Host, type HostReading, hostText, parseHost, possibleHosts } from './host.ts';
import { describeNearest, everyMiss, type NearMiss, nearestRules } from './near-miss.ts';
import { asWritten, normalizePath, type PathReading } from './path.ts';
import { RouteIndex, type Sought } from './route-index.ts';
import type { Rule } from './rule.ts';

/** The rule that covers a check, and the request as it was compared. */
export interface Route {
  readonly rule: Rule;
  readonly path?: string;
  /** Absent if the proxy may have read another host. */
  readonly host?: string;
}

/** How requests are compared with rules. */
export interface RouteReading {
  readonly hosts: HostReading;
  readonly paths: PathReading;
  /** Which proxies may name the destination in `x-forwarded-client-cert`. */
  readonly destinations: DestinationReading;
}

/** A request, and the text of its normalized path. */
interface Asked {
  readonly sought: Sought;
  readonly path: string;
}

/** The defaults. */
const unsaid: RouteReading = { hosts: {}, paths: asWritten, destinations: noForwarded };

/** All rules of a configuration. The first match applies; a request that matches no rule is denied. */
export class Routes {
  readonly #rules: readonly Rule[];
  readonly #http: RouteIndex;
  readonly #tcp: RouteIndex;
  readonly #firstTcp: readonly Rule[];
  readonly #reading: RouteReading;

  constructor(rules: readonly Rule[], reading = unsaid, { http, tcp } = atOnce(makeIndexes(rules))) {
    this.#rules = rules;
    this.#http = http;
    this.#tcp = tcp;
    this.#firstTcp = rules.filter(({ match }) => match.protocol === 'tcp').slice(0, mostAtTop);
    this.#reading = reading;
  }

  static *make(rules: readonly Rule[], reading: RouteReading): Steps<Routes> {
    return new Routes(rules, reading, yield* makeIndexes(rules));
  }

  /**
   * Requests are matched by method, host, path, destination workload and the proxy's context; connections by
   * port and destination. Headers that a client controls are never used: not `X-Forwarded-*`, not
   * `X-HTTP-Method-Override`, not `x-envoy-original-path`.
   */
  match(evidence: Evidence): Route | Denial {
    const { request } = evidence;
    return request ? this.#matchRequest(evidence, request) : this.#matchConnection(evidence);
  }

  /**
   * Every rule of the kind, with the parts of its `match` that the check does not meet. Not bounded: for
   * commands, and not for checks. A host that can be read in several ways is read in the first of them.
   */
  everyMiss(evidence: Evidence): readonly NearMiss[] | Denial {
    const { request, destination } = evidence;
    if (!request)
      return everyMiss(this.#rules, {
        destination: readDestination(evidence, noForwarded),
        port: destination.port,
      });
    const asked = this.#read(evidence, request);
    if (asked instanceof Denial) return asked;
    const [host] = possibleHosts(asked.sought.host, this.#reading.hosts);
    return everyMiss(this.#rules, { ...asked.sought, host });
  }

  #matchRequest(evidence: Evidence, request: PresentedRequest): Route | Denial {
    const asked = this.#read(evidence, request);
    if (asked instanceof Denial) return asked;
    const { sought, path } = asked;
    const [host, ...others] = possibleHosts(sought.host, this.#reading.hosts);
    const rule = this.#find(sought, host);
    if (this.#http.gaveUp)
      return new Denial('no_rule', 'the rules have too many wildcards to compare this request with them');
    const isSure = others.length === 0 || namesTail(rule, host);
    if (rule && (isSure || others.every((other) => this.#find(sought, other) === rule)))
      return { rule, path, ...(isSure && { host: hostText(host) }) };
    const rival = host.tail === '' ? undefined : this.#find(sought, { ...host, tail: '' });
    // The log shows host and path in full, and its detail must leave room for the rules.
    const shown = `${excerpt(sought.method, 20)} ${excerpt(hostText(host), 80)} ${excerpt(path, 80)}`;
    const why = rival ? wouldMatch(rival, host) : this.#nearest({ ...sought, host });
    return new Denial('no_rule', `${shown}${this.#whither(sought.destination)}${why}`);
  }

  /** The request as it is compared with the rules, with its host as it was written. */
  #read(evidence: Evidence, { method, host: written, path: target }: PresentedRequest): Asked | Denial {
    if (target === '' || !/^[A-Z][A-Z-]*$/.test(method))
      return new Denial('request_malformed', 'no path, or a method that does not consist of capital letters');
    const host = parseHost(written);
    if (host instanceof Malformed) return new Denial('request_malformed', `host: ${host.why}`);
    const path = normalizePath(target, this.#reading.paths);
    if (path instanceof Malformed) return new Denial('path_ambiguous', path.why);
    const destination = this.#http.namesDestinations
      ? readDestination(evidence, this.#reading.destinations)
      : undefined;
    const { port } = evidence.destination;
    const { context } = evidence;
    return { sought: { destination, port, host, method, path: path.segments, context }, path: path.text };
  }

  #find(sought: Sought, host: Host): Rule | undefined {
    return this.#http.find(host === sought.host ? sought : { ...sought, host });
  }

  /** The rules at the top may be near in any part. The trie finds those whose beginning fits. */
  #nearest(sought: Sought): string {
    const near = new Set([...this.#http.near(sought), ...this.#rules.slice(0, mostAtTop)]);
    return describeNearest(nearestRules(near, sought));
  }

  #whither(destination: SpiffeId | undefined): string {
    if (!this.#http.namesDestinations) return '';
    return ` at ${destination ? excerpt(destination.uri, 100) : 'a workload that the proxy does not name'}`;
  }

  #matchConnection(evidence: Evidence): Route | Denial {
    const { destination } = evidence;
    const id = readDestination(evidence, noForwarded);
    const { principal, port } = destination;
    const rule = this.#tcp.find({ ...anyRequest, destination: id, port });
    if (rule) return { rule };
    const why = describeNearest(nearestRules(this.#firstTcp, { destination: id, port }));
    const asked = `a connection to ${excerpt(principal, 100) || 'a workload without a name'}:${port}`;
    return new Denial('no_rule', `${asked}${why}`);
  }
}

function* makeIndexes(rules: readonly Rule[]): Steps<{ http: RouteIndex; tcp: RouteIndex }> {
  return { http: yield* RouteIndex.make(rules), tcp: yield* RouteIndex.make(rules, 'tcp') };
}

/** What a connection does not have. */
const anyRequest = { host: { labels: [], tail: '' }, method: '', path: [], context: {} };

function namesTail(rule: Rule | undefined, { tail: sought }: Host): boolean {
  return rule?.match.protocol === 'http' && rule.match.hosts.some(({ tail }) => tail === sought);
}

/** How many rules from the top are looked at for a request that no rule matches, beside those nearby. */
const mostAtTop = 64;

/** Says what to change if only a port or a final dot keeps the request from matching a rule. */
function wouldMatch(rule: Rule, { tail }: Host): string {
  const [part, setting, what] = tail.startsWith(':')
    ? [`the port ${tail}`, 'hosts.ignorePort', 'the port']
    : tail === '.'
      ? ['the final dot', 'hosts.ignoreTrailingDot', 'it']
      : [
          `the final dot and the port ${tail.slice(1)}`,
          'hosts.ignoreTrailingDot and hosts.ignorePort',
          'them',
        ];
  return `; the rule ${rule.name} would match without ${part}: set ${setting} if the proxy ignores ${what}`;
}
