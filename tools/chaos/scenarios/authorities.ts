import { waitFor } from '../../../test/support/wait.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

/** The API server or introspection endpoint does not answer. Answers are cached for a second; a question may take two. */
export const authorityScenarios: readonly Scenario[] = [
  {
    name: 'API server hangs (TokenReview)',
    fault({ world: { apiServer } }) {
      apiServer.behave(apiServer.paths.reviews, { kind: 'hang' });
      return () => apiServer.behave(apiServer.paths.reviews, { kind: 'ok' });
    },
    during: { cluster: [503], stolenCluster: [503], revoked: [503] },
    settle: 1_500,
    // A question takes two seconds, and five in a row have to fail: those of tokens that are known, or those of others.
    lasts: 12_000,
    observe: ({ world }) => isSpared(world, 'cluster'),
    // The circuit breaker tries again after five seconds.
    recovers: 9_000,
  },
  {
    name: 'introspection endpoint hangs',
    fault({ world: { introspector } }) {
      introspector.behave({ kind: 'hang' });
      return () => introspector.behave({ kind: 'ok' });
    },
    during: { opaque: [503], inactive: [503] },
    settle: 1_500,
    lasts: 12_000,
    observe: ({ world }) => isSpared(world, 'opaque'),
    recovers: 9_000,
  },
];

async function isSpared({ peerproof }: World, issuer: string) {
  const isOpen = async () => (await peerproof.readyz()).issuers[issuer]?.answers === false;
  // Each failure takes its two seconds, and more on a busy machine. A breaker that does not work never opens.
  const opened = await waitFor('the circuit breaker', 3_000, isOpen).catch(() => false);
  const { status } = await peerproof.readyz();
  return [status !== 200 && `/readyz is ${status}`, !opened && 'the circuit breaker is closed'];
}
