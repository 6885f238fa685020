import type { ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { httpCheck, openCheckClient } from '../support/check-client.ts';
import { startPeerproofProcess } from '../support/peerproof-process.ts';
import { waitFor } from '../support/wait.ts';

const orders = 'spiffe://cluster.local/ns/applications/sa/orders';

/** The header that the sidecar of `orders` writes about its peer. */
const from = (name: string) => ({
  'x-forwarded-client-cert': `By=${orders};Hash=${'0'.repeat(64)};Subject="";URI=${orders.replace('orders', name)}`,
});

/**
 * The promise of the pages about deployment, at a served instance: without a token 401, with the token of `shop` from `shop`
 * 200, and from `thief` 401.
 */
export async function promiseHolds(t: ExecutionContext, config: ConfigInput, token: string): Promise<void> {
  const peerproof = await startPeerproofProcess(config);
  t.teardown(() => peerproof.stop());
  const client = openCheckClient(peerproof.grpcPort);
  t.teardown(() => client.close());
  const status = async (presented: string | undefined, name: string) => {
    const { attributes } = httpCheck(presented, from(name));
    const http = { ...attributes?.request?.http, path: '/orders/1', host: 'orders:8080' };
    const answer = await client.check({
      attributes: { destination: { principal: orders }, request: { http } },
    });
    return `${answer.deniedResponse?.status?.code ?? 200}`;
  };
  t.regex(await status(undefined, 'shop'), /^(401|Unauthorized)$/);
  t.is(await status(token, 'shop'), '200');
  t.regex(await status(token, 'thief'), /^(401|Unauthorized)$/);
  await waitFor('the log', 5_000, async () => (await peerproof.decisions()).length === 3);
  const reasons = (await peerproof.decisions()).map(({ reason }) => reason);
  t.deepEqual(reasons, ['token_missing', 'allowed', 'binding_workload_mismatch']);
}
