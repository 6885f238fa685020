import { Denial } from '../denial.ts';
import type { Evidence } from '../evidence.ts';
import { Malformed } from '../malformed.ts';
import { matchesSpiffePattern, parseSpiffeId } from '../peer/spiffe-id.ts';
import { hostLabels } from './host.ts';
import { normalizePath } from './path.ts';
import { RouteIndex } from './route-index.ts';
import type { Rule, TcpMatch } from './rule.ts';

/** The rule that covers a check, with the path as it was compared. */
export interface Route {
  readonly rule: Rule;
  readonly path?: string;
}

/** All rules of a configuration: the first that matches counts, and where none does the answer is no. */
export class Routes {
  readonly #http: RouteIndex;
  readonly #tcp: readonly { rule: Rule; match: TcpMatch }[];

  constructor(rules: readonly Rule[]) {
    this.#http = new RouteIndex(rules);
    this.#tcp = rules.flatMap((rule) => (rule.match.protocol === 'tcp' ? [{ rule, match: rule.match }] : []));
  }

  /**
   * Decided by method, host, path and the proxy's own context; by port and destination for a connection. No header
   * takes part: not `X-Forwarded-*`, not `X-HTTP-Method-Override`, not `x-envoy-original-path`.
   */
  match(evidence: Evidence): Route | Denial {
    const { request, context } = evidence;
    if (!request) return this.#matchConnection(evidence);
    if (request.path === '' || !/^[A-Z][A-Z-]*$/.test(request.method))
      return new Denial('request_malformed', 'no path, or a method that is no token of capitals');
    const host = hostLabels(request.host);
    if (host instanceof Malformed) return new Denial('request_malformed', `host: ${host.why}`);
    const path = normalizePath(request.path);
    if (path instanceof Malformed) return new Denial('path_ambiguous', path.why);
    const rule = this.#http.find(host, request.method, path.segments, context);
    return rule
      ? { rule, path: path.text }
      : new Denial('no_rule', `${request.method} ${host.join('.')} ${path.text}`);
  }

  #matchConnection({ destination }: Evidence): Route | Denial {
    const id = parseSpiffeId(destination.principal);
    const found = this.#tcp.find(
      ({ match: { ports, destinations } }) =>
        (ports.length === 0 || ports.includes(destination.port)) &&
        (destinations.length === 0 ||
          (!(id instanceof Malformed) && destinations.some((pattern) => matchesSpiffePattern(pattern, id)))),
    );
    return (
      found ??
      new Denial(
        'no_rule',
        `a connection to ${destination.principal || 'a workload without a name'}:${destination.port}`,
      )
    );
  }
}
