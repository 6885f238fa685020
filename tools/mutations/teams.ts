import type { Mutation } from './list.ts';

const accept = ['test/config/teams/accept.test.ts'];
const admit = ['test/config/teams/admit.test.ts'];
const include = ['test/config/teams/include.test.ts'];

/** Weakenings of what keeps the rules of a team within its delegation. */
export const teams: readonly Mutation[] = [
  {
    name: 'team: let its destinations be anywhere in its trust domain',
    file: 'src/config/teams/beyond.ts',
    from: 'return contains(wide, path, effort)',
    to: 'return near.length > 0',
    also: accept,
  },
  {
    name: 'team: compare destinations without their trust domain',
    file: 'src/config/teams/beyond.ts',
    from: 'reach.destinations.filter((one) => one.trustDomain === trustDomain)',
    to: 'reach.destinations',
    also: accept,
  },
  {
    name: 'team: let a rule without destinations pass',
    file: 'src/config/teams/reach.ts',
    from: 'reached.length > 0 && !mayOmitDestinations',
    to: 'false',
    also: accept,
  },
  {
    name: 'team: compare hosts without port and final dot',
    file: 'src/config/teams/beyond.ts',
    from: 'wide.filter((one) => one.tail === tail)',
    to: 'wide',
    also: accept,
  },
  {
    name: 'team: let a rule name neither destinations nor hosts',
    file: 'src/config/teams/beyond.ts',
    from: 'if (hosts.length === 0)',
    to: 'if (false)',
    also: accept,
  },
  {
    name: 'team: let a host pass that is not delegated',
    file: 'src/config/teams/beyond.ts',
    from: 'if (reach.hosts.length === 0 && (namesDestination || reach.needsDestinations)) return [];',
    to: 'if (namesDestination || reach.needsDestinations) return [];',
    also: accept,
  },
  {
    name: 'team: accept every issuer in a rule that names none',
    file: 'src/config/teams/beyond.ts',
    from: "if (named.length === 0) return [[['require', 'issuers'], missing('issuers', issuers)]];",
    to: 'if (named.length === 0) return [];',
    also: accept,
  },
  {
    name: 'team: let it be public without leave',
    file: 'src/config/teams/beyond.ts',
    from: 'if (isPublic && !mayBePublic)',
    to: 'if (isPublic && false)',
    also: accept,
  },
  {
    name: 'team: let a token be optional without leave',
    file: 'src/config/teams/beyond.ts',
    from: "if (require?.token === 'optional' && !mayBePublic)",
    to: "if (require?.token === 'optional' && false)",
    also: accept,
  },
  {
    name: 'team: let it observe without leave',
    file: 'src/config/teams/beyond.ts',
    from: 'if (mode !== undefined && !mayObserve)',
    to: "if (mode === 'enforce' && !mayObserve)",
    also: accept,
  },
  {
    name: 'team: let a requirement be observed without leave',
    file: 'src/config/teams/beyond.ts',
    from: 'if ((require?.observe.length ?? 0) > 0 && !mayObserve)',
    to: 'if ((require?.observe.length ?? 0) > 99 && !mayObserve)',
    also: accept,
  },
  {
    name: 'team: let its patterns take as long as they want',
    file: 'src/config/teams/beyond.ts',
    from: 'return named > most',
    to: 'return named > most * 1_000',
    also: accept,
  },
  {
    name: 'team: believe the owner in a file',
    file: 'src/config/teams/accept.ts',
    from: 'if (raw.owner !== undefined && raw.owner !== owner)',
    to: 'if (raw.owner === null)',
    also: include,
  },
  {
    name: 'team: read any number of rules',
    file: 'src/config/teams/accept.ts',
    from: 'if (length > reach.maxRules)',
    to: 'if (length > 1_000_000)',
    also: accept,
  },
  {
    name: 'team: read a text of any size',
    file: 'src/config/teams/accept.ts',
    from: 'if (Buffer.byteLength(text) > mostBytes)',
    to: 'if (Buffer.byteLength(text) > 2 * mostBytes)',
    also: accept,
  },
  {
    name: 'team: keep a last good text beyond a narrower delegation',
    file: 'src/config/teams/admit.ts',
    from: 'const still = decide({ owner, file, text: before.text }, reach, before);',
    to: 'const still = before;',
    also: admit,
  },
  {
    name: 'team: keep what was accepted although the delegation has changed',
    file: 'src/config/teams/admit.ts',
    from: 'JSON.stringify([written, reach, settings])',
    to: 'JSON.stringify([written, settings])',
    also: admit,
  },
  {
    name: 'team: keep a last good text after its file was removed',
    file: 'src/config/teams/admit.ts',
    from: 'if (!files.has(file)) known.delete(file);',
    to: 'if (files.size > 99) known.delete(file);',
    also: admit,
  },
  {
    name: 'team: follow a link out of the folder',
    file: 'src/config/teams/team-file.ts',
    from: 'join(realpathSync(folder), sep)',
    to: 'realpathSync(folder)',
    also: include,
  },
  {
    name: 'team: let the file of one team stop the service',
    file: 'src/config/load.ts',
    from: 'if (!handling.leavesOut) problems.push',
    to: 'if (handling) problems.push',
    also: include,
  },
];
