import type { ConfigInput } from '../../src/config/schema.ts';
import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import { createAssertionWorld, reasonOf } from '../support/assertions.ts';
import { type CheckClient, openCheckClient } from '../support/check-client.ts';
import { programTest } from '../support/debian-test.ts';
import { createDpopClient } from '../support/dpop-client.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { startPeerproof } from '../support/peerproof.ts';
import { startRedis } from '../support/redis.ts';
import { goodClaims, inlineIssuer } from '../support/token-fixture.ts';
import {
  createWorkloadKeys,
  signWit,
  signWpt,
  witClaims,
  witConfig,
  witHeaders,
} from '../support/wit-fixture.ts';

const redisTest = await programTest('redis-server');

redisTest('replicas – what holds once is refused by the same one and by another one', async (t) => {
  const redis = await startRedis();
  t.teardown(redis.stop);
  const { config, requests } = await createWorld();
  const clients: CheckClient[] = [];
  for (let n = 0; n < 3; n++) {
    const service = await startPeerproof({
      ...config,
      store: { redis: { address: redis.address, timeout: '2s' } },
    });
    t.teardown(() => service.drain());
    const client = openCheckClient(service.grpcPort);
    t.teardown(() => client.close());
    await service.ready;
    clients.push(client);
  }
  const [first] = clients as [CheckClient];
  for (const [what, request] of Object.entries(requests)) {
    const recorded = request();
    const reasons = [];
    for (const client of [first, ...clients]) reasons.push(await reasonOf(client, recorded));
    t.deepEqual(reasons, ['allowed', 'proof_replayed', 'proof_replayed', 'proof_replayed'], what);
    for (let round = 0; round < 20; round++) {
      const raced = request();
      const answers = await Promise.all(clients.map((client) => reasonOf(client, raced)));
      t.deepEqual(answers.toSorted(), ['allowed', 'proof_replayed', 'proof_replayed'], what);
    }
  }
  await redis.stop();
  for (const [what, request] of Object.entries(requests))
    t.is(await reasonOf(first, request()), 'store_unavailable', what);
});

/** Requests with a new proof each, by what proves, and a configuration that allows them. */
async function createWorld() {
  const now = Date.now();
  const seconds = Math.floor(now / 1_000);
  const signer = createSigner('ES256');
  const dpop = await createDpopClient('ES256', seconds);
  const token = signer.sign(goodClaims({ iat: seconds, exp: seconds + 300, cnf: { jkt: dpop.thumbprint } }));
  const { issuer, shop } = createWorkloadKeys();
  const wit = signWit(issuer, witClaims(shop, {}, now));
  const wits = witConfig(issuer);
  const assertions = createAssertionWorld();
  const config: ConfigInput = {
    ...assertions.config,
    ...(wits.wit && { wit: wits.wit }),
    issuers: { ...assertions.config.issuers, wits: wits.issuers?.spire, corp: inlineIssuer([signer]) },
    rules: [
      ...assertions.config.rules,
      { name: 'wit', match: { paths: ['/wit'] }, require: { credential: 'wit' } },
      { name: 'keyed', match: { paths: ['/orders'] }, require: { issuers: ['corp'], binding: ['dpop'] } },
    ],
  } as ConfigInput;
  const get = (path: string, headers: Readonly<Record<string, string>>): CheckRequest => ({
    attributes: { request: { http: { method: 'GET', host: 'orders.example.com', path, headers } } },
  });
  let number = 0;
  const requests = {
    DPoP: () => {
      const { authorization = '', headers = {} } = dpop.presents({ token });
      return get('/orders', { authorization, ...headers });
    },
    'a workload identity token': () => {
      const proof = signWpt(shop, wit, { aud: 'https://orders.example.com/wit' }, {}, now);
      return get('/wit', witHeaders(wit, proof));
    },
    'a client assertion': () => assertions.request(`number ${++number}`),
  };
  return { config, requests };
}
