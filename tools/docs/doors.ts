import { type Door, type DoorName, doors } from '../../test/doors/doors.ts';
import type { Otherwise, Verdict } from '../../test/doors/verdict.ts';
import { verdicts } from '../../test/doors/verdicts.ts';
import { bypasses } from '../../test/istio/ambient.ts';
import { table } from './table.ts';

/** What each door carries. */
export function doorTable(): string {
  return table(
    ['proxy', 'of the client certificate', '`peer_from`', 'destination', 'headers in conditions', 'path'],
    Object.values<Door>(doors).map((one) => [
      one.title,
      one.certificate,
      `\`${one.peerFrom}\``,
      one.destination,
      one.headers,
      one.paths,
    ]),
  );
}

/** The verdicts, and the doors where something else comes of a request. */
export function verdictTable(): string {
  return table(
    ['request', 'reason', 'elsewhere'],
    verdicts.map((verdict) => [verdict.name, `\`${verdict.reason}\``, elsewhere(verdict)]),
  );
}

/** The ways round a waypoint. */
export function bypassTable(): string {
  return table(
    ['way round the waypoint', 'what closes it'],
    bypasses.map(({ way, closed }) => [way, closed]),
  );
}

/** Doors with the same outcome share a sentence. */
function elsewhere({ at = {} }: Verdict): string {
  const sentences = new Map<string, string[]>();
  for (const [name, otherwise] of Object.entries(at)) {
    const sentence = outcome(otherwise);
    sentences.set(sentence, [...(sentences.get(sentence) ?? []), name]);
  }
  return [...sentences].map(([sentence, names]) => `${list(names as DoorName[])}: ${sentence}`).join('. ');
}

function outcome({ reason, refuses, why }: Otherwise): string {
  if (reason) return `\`${reason}\`, because ${why}`;
  return refuses === 0 ? `no answer, because ${why}` : `${refuses}, because ${why}`;
}

function list(names: readonly DoorName[]): string {
  const envoys = (Object.keys(doors) as DoorName[]).filter((name) => !others.includes(name));
  const isEveryEnvoy = envoys.every((name) => names.includes(name));
  const rest = isEveryEnvoy ? names.filter((name) => others.includes(name)) : names;
  return [...(isEveryEnvoy ? ['every Envoy'] : []), ...rest.map((name) => doors[name].title)].join(', ');
}

/** The doors without an Envoy. */
const others: readonly DoorName[] = ['nginx', 'caddy', 'traefik'];
