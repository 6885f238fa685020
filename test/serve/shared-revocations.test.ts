import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { shareRevocations } from '../../src/sources/revocation/shared-revocations.ts';
import { AUDIENCE, signer as eventSigner, eventToken, IDP } from '../events/events.ts';
import { startReplica } from '../sources/redis/stores.ts';
import { httpCheck, openCheckClient } from '../support/check-client.ts';
import { programTest } from '../support/debian-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { type PeerproofProcess, startPeerproofProcess } from '../support/peerproof-process.ts';
import { freePort } from '../support/ports.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { anyBearer, ISSUER, inlineIssuer } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';

/** Three replicas with one real Redis, one of them with two processes. */

const redisTest = await programTest('redis-server');
const bin = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));
const signer = createSigner('ES256');
const seconds = () => Math.floor(Date.now() / 1000);
const tokenOf = (claims: Record<string, unknown>) =>
  signer.sign({
    ...{ iss: 'https://login.example.com', aud: 'orders', iat: seconds() - 5, exp: seconds() + 600 },
    ...claims,
  });

function configOf({ address }: Redis, more: object = {}): ConfigInput {
  return {
    issuers: { corp: inlineIssuer([signer]) },
    store: { redis: { address, timeout: '1s' } },
    revocation: { maxStaleness: '3s', ...more },
    rules: [anyBearer],
  };
}

async function start(t: ExecutionContext, redis: Redis, more: object = {}) {
  const config = configOf(redis, more);
  const replicas = await Promise.all([
    startPeerproofProcess(config),
    startPeerproofProcess(config),
    startPeerproofProcess(config, ['--workers', '2']),
  ]);
  t.teardown(() => Promise.all(replicas.map((one) => one.stop())));
  return replicas as [PeerproofProcess, PeerproofProcess, PeerproofProcess];
}

/** The answers of all processes: each connection may lead to another one. */
async function ask({ grpcPort }: PeerproofProcess, token: string, connections = 8): Promise<string> {
  const answers = Array.from({ length: connections }, async () => {
    const client = openCheckClient(grpcPort);
    try {
      return (await client.check(httpCheck(token))).status.message;
    } finally {
      client.close();
    }
  });
  return [...new Set(await Promise.all(answers))].toSorted().join();
}

const askAll = async (replicas: readonly PeerproofProcess[], token: string) =>
  [...new Set(await Promise.all(replicas.map((one) => ask(one, token))))].join();

/** Milliseconds until every process answers with this reason. */
async function until(replicas: readonly PeerproofProcess[], token: string, reason: string): Promise<number> {
  const began = performance.now();
  await waitFor(reason, 2_000, async () => (await askAll(replicas, token)) === reason);
  return Math.round(performance.now() - began);
}

async function revoke({ file }: PeerproofProcess, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [bin, 'revoke', '--config', file, ...args]);
  return stdout;
}

redisTest('shared revocations – three replicas refuse what was revoked, also after a restart', async (t) => {
  const redis = await startRedis();
  t.teardown(redis.stop);
  const replicas = await start(t, redis);
  const { store: connection } = await startReplica(
    { address: { host: '127.0.0.1', port: redis.port } },
    { prefix: 'peerproof:' },
  );
  t.teardown(connection.stop);
  const store = shareRevocations(connection, () => 1e6);
  const soon = () => Date.now() + 600_000;
  const [alice, bob] = [tokenOf({ sub: 'alice', jti: 't-1' }), tokenOf({ sub: 'bob', sid: 's-1' })];
  t.is(await askAll(replicas, alice), 'allowed');
  await store.add([
    { kind: 'subject', value: 'alice', issuedBefore: Date.now(), until: soon(), by: 'stolen' },
  ]);
  t.log(`refused everywhere after ${await until(replicas, alice, 'token_revoked')} ms`);
  t.is(await askAll(replicas, bob), 'allowed');
  t.is(await askAll(replicas, tokenOf({ sub: 'alice', iat: seconds() + 1 })), 'allowed');

  // A lost message only costs the second until the next look.
  await redis.command('ACL', 'SETUSER', 'default', '-subscribe');
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await store.add([{ kind: 'session', value: 's-1', until: soon(), by: 'a test' }]);
  t.log(`without messages after ${await until(replicas, bob, 'token_revoked')} ms`);

  const fresh = await startPeerproofProcess(configOf(redis));
  t.teardown(() => fresh.stop());
  t.is(await askAll([fresh], alice), 'token_revoked');
  t.regex(await revoke(fresh, '--list'), /^subject "alice", issued before .* \(stolen\)$/m);
  await revoke(fresh, '--undo', '--subject', 'alice');
  await until([...replicas, fresh], alice, 'allowed');
  t.is(await askAll([...replicas, fresh], bob), 'token_revoked');
});

redisTest(
  'shared revocations – while Redis does not answer, what is known holds, and then all is refused',
  async (t) => {
    const redis = await startRedis();
    t.teardown(redis.stop);
    const replicas = await start(t, redis);
    const [alice, bob] = [tokenOf({ sub: 'alice' }), tokenOf({ sub: 'bob' })];
    await revoke(replicas[0], '--subject', 'alice');
    await until(replicas, alice, 'token_revoked');
    redis.freeze();
    // Within maxStaleness only what is known is refused; after it, everything is.
    t.notRegex(await askAll(replicas, alice), /allowed/);
    await waitFor('the outage', 10_000, async () => (await askAll(replicas, bob)) === 'store_unavailable');
    t.is(await askAll(replicas, alice), 'store_unavailable');
    redis.thaw();
    await waitFor('the end of the outage', 10_000, async () => (await askAll(replicas, bob)) === 'allowed');
    t.is(await askAll(replicas, alice), 'token_revoked');

    await redis.command('FLUSHALL');
    await waitFor('the entry that was lost', 5_000, async () =>
      (await revoke(replicas[0], '--list')).includes('"alice"'),
    );
    t.is(await askAll(replicas, alice), 'token_revoked');
  },
);

redisTest('shared revocations – with useKnown, an outage refuses only what is known', async (t) => {
  const redis = await startRedis();
  t.teardown(redis.stop);
  const replica = await startPeerproofProcess(configOf(redis, { onOutage: 'useKnown' }));
  t.teardown(() => replica.stop());
  await revoke(replica, '--subject', 'alice');
  const [alice, bob] = [tokenOf({ sub: 'alice' }), tokenOf({ sub: 'bob' })];
  await until([replica], alice, 'token_revoked');
  redis.freeze();
  await waitFor('the outage', 10_000, async () =>
    (await replica.lines()).some((line) => line.includes('revocations_unavailable')),
  );
  t.is(await askAll([replica], bob), 'allowed');
  t.is(await askAll([replica], alice), 'token_revoked');
});

redisTest(
  'shared revocations – an event that one of two processes takes is enforced by all replicas',
  async (t) => {
    const redis = await startRedis();
    t.teardown(redis.stop);
    const folder = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'secret');
    const events = await freePort();
    const idp = { issuer: IDP, audience: AUDIENCE, speaksFor: ['corp'], tokenFile };
    const receiving = configOf(redis, {
      transmitters: { idp: { ...idp, jwks: { keys: [eventSigner.publicJwk] } } },
    });
    const replicas = await Promise.all([
      startPeerproofProcess({ ...receiving, listen: { events: `127.0.0.1:${events}` } }, ['--workers', '2']),
      startPeerproofProcess(configOf(redis)),
    ]);
    t.teardown(() => Promise.all(replicas.map((one) => one.stop())));
    const [alice, bob] = [tokenOf({ sub: 'alice' }), tokenOf({ sub: 'bob' })];
    t.is(await askAll(replicas, alice), 'allowed');
    const push = async (sub: string, jti: string) => {
      const sub_id = { format: 'iss_sub', iss: ISSUER, sub };
      const ended = { 'https://schemas.openid.net/secevent/caep/event-type/session-revoked': {} };
      const body = eventToken({ iat: seconds(), jti, sub_id, events: ended });
      const headers = { authorization: 'Bearer secret', 'content-type': 'application/secevent+jwt' };
      return (await fetch(`http://127.0.0.1:${events}/idp`, { method: 'POST', headers, body })).status;
    };
    t.is(await push('alice', 'event-1'), 202);
    t.log(`refused everywhere after ${await until(replicas, alice, 'token_revoked')} ms`);
    // Whichever process takes it: the store knows that it came before.
    await revoke(replicas[1], '--undo', '--subject', 'alice', '--issuer', 'corp');
    await until(replicas, alice, 'allowed');
    for (let n = 0; n < 6; n++) t.is(await push('alice', 'event-1'), 202);
    t.is(await push('bob', 'event-2'), 202);
    await until(replicas, bob, 'token_revoked');
    t.is(await askAll(replicas, alice), 'allowed');
  },
);
