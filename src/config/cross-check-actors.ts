import { isRecord, listOf, recordOf } from '../lib/json.ts';
import { fewHints } from '../lib/nearest.ts';

/** Checks `actors` of a rule against itself and against the registered clients. */
export function crossCheckActors(
  actors: unknown,
  registered: unknown,
  say: (path: readonly PropertyKey[], message: string) => void,
): void {
  if (!isRecord(actors)) return;
  const allow = listOf(actors.allow);
  if (actors.maxLength === 0) {
    if (allow.length > 0)
      say(['allow'], 'cannot stand beside maxLength: 0, which accepts no actor: remove one of them');
  } else if (allow.length === 0)
    say([], 'names nobody: add allow with the actors, or set maxLength: 0 to refuse tokens with an actor');
  const clients = recordOf(registered);
  const hintAtClient = fewHints(Object.keys(clients));
  for (const [at, entry] of allow.entries())
    for (const [index, name] of listOf(recordOf(entry).who).entries())
      if (typeof name === 'string' && !name.startsWith('spiffe://') && !Object.hasOwn(clients, name))
        say(
          ['allow', at, 'who', index],
          `is neither a SPIFFE ID nor in clients: ${JSON.stringify(name)}${hintAtClient(name)}`,
        );
}
