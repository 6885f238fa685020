import { reasonOf } from '../support/assertions.ts';
import { type CheckClient, openCheckClient } from '../support/check-client.ts';
import { programTest } from '../support/debian-test.ts';
import { createDpopClient } from '../support/dpop-client.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { startPeerproof } from '../support/peerproof.ts';
import { startRedis } from '../support/redis.ts';
import { goodClaims, inlineIssuer } from '../support/token-fixture.ts';

const redisTest = await programTest('redis-server');

redisTest('DPoP – a recorded proof is refused by the same replica and by another one', async (t) => {
  const redis = await startRedis();
  t.teardown(redis.stop);
  const seconds = Math.floor(Date.now() / 1_000);
  const signer = createSigner('ES256');
  const dpop = await createDpopClient('ES256', seconds);
  const token = signer.sign(goodClaims({ iat: seconds, exp: seconds + 300, cnf: { jkt: dpop.thumbprint } }));
  const clients: CheckClient[] = [];
  for (let n = 0; n < 3; n++) {
    const service = await startPeerproof({
      issuers: { corp: inlineIssuer([signer]) },
      store: { redis: { address: redis.address, timeout: '2s' } },
      rules: [{ name: 'orders', require: { binding: ['dpop'] } }],
    });
    t.teardown(() => service.drain());
    const client = openCheckClient(service.grpcPort);
    t.teardown(() => client.close());
    await service.ready;
    clients.push(client);
  }
  /** A request with a new proof. */
  const request = () => {
    const { authorization = '', headers = {} } = dpop.presents({ token });
    const http = {
      method: 'GET',
      host: 'orders.example.com',
      path: '/orders',
      headers: { authorization, ...headers },
    };
    return { attributes: { request: { http } } };
  };
  const recorded = request();
  const reasons = [];
  for (const client of [clients[0], ...clients])
    reasons.push(await reasonOf(client as CheckClient, recorded));
  t.deepEqual(reasons, ['allowed', 'proof_replayed', 'proof_replayed', 'proof_replayed']);
  for (let round = 0; round < 20; round++) {
    const raced = request();
    const answers = await Promise.all(clients.map((client) => reasonOf(client, raced)));
    t.deepEqual(answers.toSorted(), ['allowed', 'proof_replayed', 'proof_replayed']);
  }
  await redis.stop();
  t.is(await reasonOf(clients[0] as CheckClient, request()), 'store_unavailable');
});
