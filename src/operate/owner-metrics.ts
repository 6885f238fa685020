import type { Registry } from 'prom-client';
import { Meter } from './meter.ts';
import type { OwnedRules } from './states.ts';

/** Adds the metrics of the rules that teams own. */
export function addOwnerMetrics(registry: Registry, owners: () => readonly OwnedRules[]): void {
  const meter = new Meter(registry);
  meter.gauges(
    'peerproof_owner_rules',
    'Rules of a team that are at work.',
    'owner',
    () => owners().map(({ owner, rules }) => [owner, rules]),
    'min',
  );
  meter.infos(
    'peerproof_owner_info',
    'How the rules of a team are at work: `accepted`, `conflicted` (another team decides some of its requests), `last_good` (its present file is refused) or `left_out`.',
    ['owner', 'state'],
    () => owners().map(({ owner, state }) => ({ owner, state })),
  );
}
