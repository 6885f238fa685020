import type { Mutation } from './mutation.ts';

/** Weakenings of the choice of a rule: hosts, workloads, ports and paths. */
export const routes: readonly Mutation[] = [
  {
    name: 'drop the port and the final dot of every Host',
    file: 'src/core/policy/host.ts',
    from: "return { labels: name.startsWith('[') ? [name] : labelsOf(name), tail };",
    to: "return { labels: name.startsWith('[') ? [name] : labelsOf(name), tail: '' };",
  },
  {
    name: 'judge an ambiguous Host only by its first reading',
    file: 'src/core/policy/routes.ts',
    from: 'others.every((other) => this.#find(sought, other) === rule)',
    to: 'others.every(() => true)',
    also: ['test/core/policy/route-reading.test.ts'],
  },
  {
    name: 'let a pattern without a port cover every port',
    file: 'src/core/policy/route-ways.ts',
    from: 'return [...labels, endOfHost(tail)];',
    to: "return [...labels, tail === '' ? anything : endOfHost(tail)];",
  },
  {
    name: 'match rules with destinations when no workload is known',
    file: 'src/core/policy/route-ways.ts',
    from: 'match.destinations.length > 0 ? match.destinations.map(destinationSteps) : [[anything]]',
    to: '[...match.destinations.map(destinationSteps), [anything]]',
  },
  {
    name: 'treat the first element of XFCC as that of the proxy',
    file: 'src/core/peer/destination.ts',
    from: 'elements.at(-1)?.by',
    to: 'elements.at(0)?.by',
    also: ['test/hostile/http.test.ts'],
  },
  {
    name: 'take the first of several By',
    file: 'src/core/peer/destination.ts',
    from: "return by.length === 1 ? (by[0] ?? '') : '';",
    to: "return by[0] ?? '';",
    also: ['test/hostile/http.test.ts'],
  },
  {
    name: 'believe By although the proxy names itself otherwise',
    file: 'src/core/peer/destination.ts',
    from: 'if (destination.principal) return',
    to: "if (destination.principal && !request?.headers['x-forwarded-client-cert']) return",
    also: ['test/core/policy/route-reading.test.ts'],
  },
  {
    name: 'believe By over gRPC from every proxy',
    file: 'src/core/peer/destination.ts',
    from: 'if (forwarded) return writer;',
    to: 'if (writer) return writer;',
    also: ['test/core/policy/route-reading.test.ts'],
  },
  {
    name: 'forget the port of a rule',
    file: 'src/core/policy/route-index.ts',
    from: 'if (ports.length > 0 && !ports.includes(port)) return false;',
    to: '',
  },
  {
    name: 'let * in a folded way cover an empty segment',
    file: 'src/core/policy/route-trie.ts',
    from: "part === '*' && step !== ''",
    to: "part === '*'",
    also: ['test/core/policy/route-reading.test.ts'],
  },
  {
    name: 'forget what must follow in a folded way',
    file: 'src/core/policy/route-index.ts',
    from: 'if (this.#left >= 0 && covers(node.rest, steps, at)) this',
    to: 'this',
  },
  {
    name: 'forget the destinations of a team',
    file: 'src/serve/create-policy.ts',
    from: 'match: { ...rule.match, destinations },',
    to: 'match: rule.match,',
  },
  {
    name: 'accept fullwidth dots and slashes',
    file: 'src/core/policy/path.ts',
    from: 'if (unlike) return unlike;',
    to: '',
    also: ['test/core/policy/route-reading.test.ts'],
  },
];
