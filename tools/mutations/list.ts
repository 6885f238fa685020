import { bulkheads } from './bulkheads.ts';
import { certificates } from './certificates.ts';
import { clients } from './clients.ts';
import { conditions } from './conditions.ts';
import { consoles } from './console.ts';
import { delegation } from './delegation.ts';
import { doors } from './doors.ts';
import { dpop } from './dpop.ts';
import { internalTokens } from './internal-token.ts';
import { metadata } from './metadata.ts';
import type { Mutation } from './mutation.ts';
import { observing } from './observing.ts';
import { resources } from './resources.ts';
import { revoking } from './revocations.ts';
import { routes } from './routes.ts';
import { senders } from './senders.ts';
import { stateAttacks } from './state-attacks.ts';
import { statements } from './statements.ts';
import { teamObjects } from './team-objects.ts';
import { teams } from './teams.ts';
import { time } from './time.ts';
import { tokens } from './tokens.ts';
import { transports } from './transports.ts';
import { usedProofs } from './used-proofs.ts';
import { workloadIdentity } from './workload-identity.ts';

/**
 * Mistakes that similar software had, or nearly had. Each must make a test fail. The first two groups have those that make a
 * test wait for a minute, so that the others are tried meanwhile.
 */
export const mutations: readonly Mutation[] = [
  ...transports,
  ...resources,
  ...tokens,
  ...senders,
  ...delegation,
  ...doors,
  ...bulkheads,
  ...certificates,
  ...clients,
  ...conditions,
  ...consoles,
  ...dpop,
  ...metadata,
  ...internalTokens,
  ...observing,
  ...revoking,
  ...routes,
  ...stateAttacks,
  ...statements,
  ...teams,
  ...teamObjects,
  ...time,
  ...usedProofs,
  ...workloadIdentity,
];
