import { parseHostPattern } from '../core/policy/host.ts';
import { type JsonObject, listOf, recordOf, textOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { neverMatched } from './cross-check-routes.ts';

type Path = readonly PropertyKey[];

/**
 * Checks what is delegated to teams against the other settings. The document may have any shape.
 * @param unknownIssuer says it if an issuer is not configured
 * @returns the owners
 */
export function crossCheckDelegate(
  root: JsonObject,
  trustDomains: readonly string[],
  say: (path: Path, message: string) => void,
  unknownIssuer: (name: unknown, path: Path) => void,
): ReadonlySet<string> {
  const owners = new Set<string>();
  const list = listOf(root.delegate).map(recordOf);
  for (const [at, delegation] of list.entries()) {
    const path = ['delegate', at];
    const owner = textOf(delegation.owner);
    if (owners.has(owner)) say([...path, 'owner'], 'is delegated to twice: write one entry for each owner');
    if (Object.hasOwn(recordOf(root.workloads), owner))
      say([...path, 'owner'], 'is also the name of an entry of workloads, and rule names must be unique');
    owners.add(owner);
    for (const [index, name] of listOf(delegation.issuers).entries())
      unknownIssuer(name, [...path, 'issuers', index]);
    for (const [index, text] of listOf(delegation.hosts).entries()) {
      const pattern = parseHostPattern(textOf(text));
      const unmatched =
        pattern instanceof Malformed ? undefined : neverMatched(pattern, recordOf(root.hosts));
      if (unmatched) say([...path, 'hosts', index], unmatched);
    }
    const [reached, named] = [delegation.destinations ?? delegation.namespaces, delegation.hosts].map(listOf);
    if (reached?.length === 0 && named?.length === 0)
      say(path, 'delegates nothing: name namespaces, destinations or hosts');
    if (
      trustDomains.length === 0 &&
      delegation.destinations === undefined &&
      listOf(delegation.namespaces).length > 0
    )
      say(
        [...path, 'namespaces'],
        'needs peers.trustDomains: without it the SPIFFE IDs of the namespaces are not known',
      );
  }
  if (root.include !== undefined && list.length === 0)
    say(['include'], 'needs delegate: without it each of these files is refused');
  return owners;
}
