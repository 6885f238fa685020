import type { Mutation } from './mutation.ts';

const watch = ['test/serve/rules-watch.test.ts'];
const generation = ['test/serve/team-generation.test.ts'];
const api = ['test/sources/rule-objects-api.test.ts'];
const watched = ['test/sources/watched-rules.test.ts'];

/** Weakenings of what keeps the objects of teams at the API server apart, and their last known form at work. */
export const teamObjects: readonly Mutation[] = [
  {
    name: 'team object: let a namespace without a delegation rule for the first owner',
    file: 'src/config/teams/object-candidates.ts',
    from: 'const owner = namespaces.get(namespace)?.owner;',
    to: 'const owner = namespaces.get(namespace)?.owner ?? delegate[0]?.owner;',
    also: watch,
  },
  {
    name: 'team object: keep what was taken from a team at work',
    file: 'src/config/teams/admit.ts',
    from: 'known?.text === written.text && known.under === under &&',
    to: 'known?.text === written.text &&',
    also: watch,
  },
  {
    name: 'team object: keep the rules that a team had before',
    file: 'src/serve/create-policy.ts',
    from: 'known.set(team.rules, made);',
    to: 'known.set(team.rules, made); (config.teams ?? []).forEach((one) => known.get(one.rules) ?? known.set(one.rules, made));',
    also: generation,
  },
  {
    name: 'team object: write the status over a form that was not seen',
    file: 'src/sources/rule-objects-api.ts',
    from: 'JSON.stringify({ metadata: { resourceVersion }, status })',
    to: 'JSON.stringify({ status })',
    also: api,
  },
  {
    name: 'team object: follow a redirect with the token',
    file: 'src/sources/open-watch.ts',
    from: 'if (String(options.origin) !== url.origin)',
    to: "if (String(options.origin) === '')",
    also: api,
  },
  {
    name: 'team object: drop all objects in an outage',
    file: 'src/sources/watched-rules.ts',
    from: 'this.failure = failure;\n',
    to: 'this.failure = failure;\n    this.#store = new RuleObjectStore();\n',
    also: watched,
  },
  {
    name: 'team object: keep all objects of a namespace',
    file: 'src/sources/rule-object-store.ts',
    from: 'all.slice(0, mostOfNamespace)',
    to: 'all',
    also: watched,
  },
  {
    name: 'team object: go on after a version that the API server has forgotten',
    file: 'src/sources/watched-rules.ts',
    from: 'if (error instanceof Gone) this.#from = undefined;',
    to: 'if (error instanceof Gone) this.failures++;',
    also: watched,
  },
  {
    name: 'team object: take one that is made anew for the one before',
    file: 'src/config/teams/admit.ts',
    from: 'return id ?? file;',
    to: "return id === '' ? id : file;",
    also: ['test/config/teams/object-attempts.test.ts'],
  },
];
