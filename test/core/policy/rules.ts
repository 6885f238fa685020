import type { Evidence } from '../../../src/core/evidence.ts';
import { type HostPattern, parseHostPattern } from '../../../src/core/policy/host.ts';
import { RouteIndex } from '../../../src/core/policy/route-index.ts';
import type { HttpMatch, Rule, TcpMatch } from '../../../src/core/policy/rule.ts';
import { atOnce } from '../../../src/lib/in-turns.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { ids, pattern } from '../peer/world.ts';

const open = {
  public: false,
  tokenIsOptional: false,
  issuers: [],
  scopes: [],
  claims: [],
  serviceAccount: { serviceAccounts: [], namespaces: [], pods: [] },
  actors: undefined,
  allowLists: undefined,
  when: undefined,
  peers: [],
  credential: 'bearer',
  authorizationServer: undefined,
  binding: [],
  observation: undefined,
} as const;

export interface HttpText {
  hosts?: readonly string[];
  methods?: readonly string[];
  paths?: readonly string[];
  context?: Record<string, string>;
  ports?: readonly number[];
  destinations?: readonly string[];
}

function hostPattern(text: string): HostPattern {
  const read = parseHostPattern(text);
  if (read instanceof Malformed) throw new TypeError(read.why);
  return read;
}

/** A rule that covers requests; hosts and paths as they are written in a configuration. */
export function httpRule(
  name: string,
  { hosts = [], methods = [], paths = [], context = {}, ports = [], destinations = [] }: HttpText = {},
): Rule & {
  match: HttpMatch;
} {
  const match: HttpMatch = {
    protocol: 'http',
    hosts: hosts.map(hostPattern),
    methods,
    paths: paths.map((path) =>
      path
        .split('/')
        .slice(1)
        .filter((segment) => segment !== ''),
    ),
    context,
    ports,
    destinations: destinations.map(pattern),
  };
  return { ...open, name, match };
}

/** A rule that covers connections. */
export function tcpRule(
  name: string,
  ports: readonly number[] = [],
  destinations: readonly string[] = [],
): Rule & {
  match: TcpMatch;
} {
  return { ...open, name, match: { protocol: 'tcp', ports, destinations: destinations.map(pattern) } };
}

export interface CachedAuthority {
  method?: string;
  host?: string;
  path?: string;
  headers?: Record<string, string>;
  context?: Record<string, string>;
}

export function request({
  method = 'GET',
  host = 'orders.example.com',
  path = '/',
  headers = {},
  context = {},
}: CachedAuthority): Evidence {
  return {
    request: { method, host, path, headers },
    peer: {},
    destination: { principal: ids.orders, port: 8080 },
    context,
  };
}

export function connection(principal: string, port: number, context: Record<string, string> = {}): Evidence {
  return { peer: {}, destination: { principal, port }, context };
}

/** A request to a workload that the proxy does not name. */
export const nowhere = { destination: undefined, port: 0, context: {} };

/** Finds a rule by texts: `GET a.b /x/y`. */
export function find(
  rules: readonly (HttpText & { name: string })[],
  asked: string,
  context: Record<string, string> = {},
) {
  const [method = '', host = '', path = ''] = asked.split(' ');
  const segments = path
    .split('/')
    .slice(1)
    .filter((segment) => segment !== '');
  return atOnce(RouteIndex.make(rules.map(({ name, ...text }) => httpRule(name, text)))).find({
    ...nowhere,
    host: { labels: host.split('.'), tail: '' },
    method,
    path: segments,
    context,
  })?.name;
}
