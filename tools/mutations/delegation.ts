import type { Mutation } from './mutation.ts';

/** Weakenings of who may act for whom, and of what an API server says about a token. */
export const delegation: readonly Mutation[] = [
  {
    name: 'delegation: take the first actor of a chain for the current one',
    file: 'src/core/binding/workload.ts',
    from: 'const [actor] = actors;',
    to: 'const actor = actors.at(-1);',
  },
  {
    name: 'delegation: let the subject send the token of an actor that is no workload',
    file: 'src/core/binding/workload.ts',
    from: 'const owner = actor ? actor.spiffeId : spiffeIdIn(token.subject);',
    to: 'const owner = actor?.spiffeId ?? spiffeIdIn(token.subject);',
  },
  {
    name: 'delegation: let the client of the token send it for an actor that names another client',
    file: 'src/core/binding/workload.ts',
    from: 'return actor.clientId === undefined ? (token.clientId ?? named) : named;',
    to: 'return token.clientId ?? named;',
  },
  {
    name: 'delegation: look at the current actor only',
    file: 'src/core/policy/actors.ts',
    from: 'return actors.filter((actor) => !isNamed(actor, token, fitting));',
    to: 'return actors.slice(0, 1).filter((actor) => !isNamed(actor, token, fitting));',
  },
  {
    name: 'delegation: accept a chain of any length',
    file: 'src/core/policy/actors.ts',
    from: 'if (actors.length > maxLength)',
    to: 'if (false as boolean)',
  },
  {
    name: 'delegation: forget for whom an actor may act',
    file: 'src/core/policy/actors.ts',
    from: '({ for: subjects }) => subjects.length === 0 ||',
    to: '({ for: subjects }) => subjects.length >= 0 ||',
  },
  {
    name: 'delegation: accept a client at issuers where it is not registered',
    file: 'src/core/policy/actors.ts',
    from: 'if (!client || !(client.issuers?.includes(issuer) ?? true)) return false;',
    to: 'if (!client) return false;',
    also: ['test/core/policy/actors.test.ts'],
  },
  {
    name: 'delegation: accept a client for a workload that it is not registered for',
    file: 'src/core/policy/actors.ts',
    from: 'return id === undefined || client.workloads.some(',
    to: 'return client.workloads.length > 0 || client.workloads.some(',
    also: ['test/core/policy/actors.test.ts'],
  },
  {
    name: 'delegation: take a name of another issuer for one of the issuer of the token',
    file: 'src/core/token/actors.ts',
    from: 'if (iss !== undefined && iss !== token.iss) return undefined;',
    to: 'void iss;',
  },
  {
    name: 'delegation: ignore an act that is not an object',
    file: 'src/core/token/actors.ts',
    from: "if (!isRecord(act)) return new Denial('actor_malformed', 'act is not an object');",
    to: 'if (!isRecord(act)) return nobody;',
  },
  {
    name: 'delegation: read a chain of any length',
    file: 'src/core/token/actors.ts',
    from: 'if (chain.length === longestChain)',
    to: 'if (false as boolean)',
  },
  {
    name: 'delegation: ignore who may act',
    file: 'src/core/token/actors.ts',
    from: 'if (mayAct === undefined || actor === undefined) return undefined;',
    to: 'if (mayAct !== actor) return undefined;',
  },
  {
    name: 'TokenReview: believe an answer about another token of the ServiceAccount',
    file: 'src/core/token/reviewed-account.ts',
    from: 'if (own !== undefined && other !== undefined && own !== other)',
    to: 'if (false as boolean)',
  },
];
