import { type RuleObject, ruleObjects } from '../../sources/rule-objects.ts';
import { formatKey } from '../document.ts';
import type { Problem } from '../problem.ts';
import type { Config } from '../schema.ts';
import type { TeamCandidate } from './admit.ts';
import { reachOf } from './reach.ts';

/**
 * The objects in the namespaces of teams, in the order in which they are given. The namespace says whose rules
 * an object holds, so whoever may write AuthorizationRules there rules by them.
 */
export function objectCandidates(
  objects: readonly RuleObject[],
  { delegate, peers }: Pick<Config, 'delegate' | 'peers'>,
): readonly TeamCandidate[] {
  const trustDomains = Object.keys(peers.trustDomains ?? {});
  const namespaces = new Map(
    delegate.flatMap((delegation) => delegation.namespaces.map((name) => [name, delegation] as const)),
  );
  const reaches = new Map(
    delegate.map((one) => [one.owner, reachOf(one, trustDomains, one.namespaces)] as const),
  );
  return objects.map((object): TeamCandidate => {
    const { key, namespace, uid: id, spec, lastGood } = object;
    const file = objectName(key);
    const problem = (path: readonly string[], message: string): Problem => ({
      ...{ file, line: 0, key: formatKey(path), message },
    });
    const owner = namespaces.get(namespace)?.owner;
    const reach = owner === undefined ? undefined : reaches.get(owner);
    const text = spec ?? problem(['spec'], 'is larger than 256 KiB, or nested too deeply: write fewer rules');
    if (owner !== undefined && reach) return { ...{ owner, file, id, text, reach, lastGood }, isSpec: true };
    const nothing = `has no delegation: ask the platform for {owner: …, namespaces: [${namespace}], …} in delegate`;
    // No owner has a slash in its name.
    return {
      ...{ owner: `namespace/${namespace}`, file, id, text },
      reach: problem(['metadata', 'namespace'], nothing),
    };
  });
}

/** The name of an object in messages. No file is called like this. */
export function objectName(key: string): string {
  return `${ruleObjects.kind} ${key}`;
}
