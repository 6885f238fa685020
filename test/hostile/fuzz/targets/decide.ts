import { type Target, target } from '../campaign.ts';
import { holdsOfDecision } from '../invariants.ts';
import { mayPass } from '../oracle.ts';
import { type Case, cases } from '../presented.ts';
import { type FuzzWorld, worlds } from '../world.ts';

/** A check through the whole pipeline, and what must hold of the decision. */
export async function decided(world: FuzzWorld, { evidence, token }: Case): Promise<string> {
  const decision = await world.decide(evidence, 'grpc', Number.POSITIVE_INFINITY);
  holdsOfDecision(decision, evidence, world.policy.identity);
  await mayPass(decision, evidence, token, world.chained);
  return decision.reason;
}

const common = [
  'allowed',
  'public',
  'path_ambiguous',
  'no_rule',
  'peer_certificate_malformed',
  'token_malformed',
  'token_missing',
  'token_signature_invalid',
  'binding_workload_mismatch',
];

export const decideTargets: readonly Target[] = worlds.map((world) =>
  target<Case>({
    name: world.chained ? 'decide-chained' : 'decide',
    inputs: cases,
    // Twice, because the second answer comes from what the first one left in the memories.
    async hold(input) {
      const first = await decided(world, input);
      const second = await decided(world, input);
      if (first !== second) throw new Error(`first ${first}, then ${second}`);
      return first;
    },
    reaches: world.chained ? [...common, 'peer_chain_untrusted'] : common,
  }),
);
