import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { startApiServer } from '../support/api-server.ts';
import { createCa } from '../support/ca.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { configText, startPeerproof } from '../support/peerproof.ts';
import { waitFor } from '../support/wait.ts';

const rules: ConfigInput['rules'] = [{ name: 'all', public: true }];
const signs = { audiences: ['orders'] };

/** A service, and what its admin port and its log say about first answers. */
async function start(t: ExecutionContext, config: Omit<ConfigInput, 'rules'>) {
  const service = await startPeerproof({ ...config, rules });
  t.teardown(() => service.drain());
  await service.ready;
  return {
    ...service,
    async readyz() {
      const { status, body } = await service.page('/readyz');
      const { never_answered: never } = JSON.parse(body) as { never_answered?: string[] };
      return { status, never };
    },
    said: () =>
      service.lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'never_answered'),
  };
}

async function silentServer(t: ExecutionContext) {
  const server = await startJwksServer({ signers: [createSigner('ES256')] });
  t.teardown(() => server.stop());
  await server.down();
  return server;
}

test('readiness – by default a silent issuer does not hold back a start, and the page, the log and a metric name it', async (t) => {
  const { issuer } = await silentServer(t);
  const service = await start(t, { issuers: { corp: { ...signs, issuer } } });
  t.deepEqual(await service.readyz(), { status: 200, never: ['issuer corp'] });
  t.is(service.said().length, 1);
  t.like(service.said()[0], { level: 50, of: 'issuer corp', reason: 'keys_unavailable' });
  t.regex(service.said()[0].failure, /ECONNREFUSED/);
  t.is(await service.metric('peerproof_issuer_answered', { issuer: 'corp' }), 0);
});

test('readiness: issuers – a start waits for the first answer, and no outage after it matters', async (t) => {
  const server = await silentServer(t);
  const { issuer } = server;
  const service = await start(t, {
    readiness: 'issuers',
    issuers: { corp: { ...signs, issuer, refresh: '10s' } },
  });
  t.deepEqual(await service.readyz(), { status: 503, never: ['issuer corp'] });
  await server.up();
  await waitFor('the first answer', 10_000, async () => (await service.readyz()).status === 200);
  t.deepEqual(await service.readyz(), { status: 200, never: undefined });
  t.is(await service.metric('peerproof_issuer_answered', { issuer: 'corp' }), 1);
  await server.down();
  const other = { ...signs, issuer: issuer.replace('127.0.0.1', 'localhost') };
  await service.reload(configText({ readiness: 'issuers', issuers: { corp: other }, rules }));
  t.deepEqual(await service.readyz(), { status: 200, never: ['issuer corp'] });
});

test('readiness: issuers – a reload that adds a silent issuer leaves the service ready, and says so', async (t) => {
  const { issuer } = await silentServer(t);
  const service = await start(t, { readiness: 'issuers' });
  t.deepEqual(service.said(), []);
  // The page was not read before, so the service itself must remember that it was ready.
  const config: ConfigInput = { readiness: 'issuers', issuers: { late: { ...signs, issuer } }, rules };
  await service.reload(configText(config));
  t.deepEqual(await service.readyz(), { status: 200, never: ['issuer late'] });
  t.deepEqual(
    service.said().map(({ of }) => of),
    ['issuer late'],
  );
  t.is(await service.metric('peerproof_issuer_answered', { issuer: 'late' }), 0);
});

test('readiness: issuers – a reload that takes away the silent issuer ends the wait', async (t) => {
  const { issuer } = await silentServer(t);
  const service = await start(t, { readiness: 'issuers', issuers: { corp: { ...signs, issuer } } });
  t.is((await service.readyz()).status, 503);
  await service.reload(configText({ readiness: 'issuers', rules }));
  t.deepEqual(await service.readyz(), { status: 200, never: undefined });
});

test('readiness: issuers – a start waits for the bundle of a trust domain', async (t) => {
  const { issuer: bundleEndpoint } = await silentServer(t);
  const service = await start(t, {
    readiness: 'issuers',
    peers: { trustDomains: { 'x.example': { bundleEndpoint, allowInsecureHttp: true } } },
  });
  t.deepEqual(await service.readyz(), { status: 503, never: ['bundle of x.example'] });
  t.like(service.said()[0], { of: 'bundle of x.example', reason: 'bundle_unavailable' });
});

/** An API server that asks for TokenReview, and an issuer that uses it. */
async function cluster(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-first-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const server = await startApiServer({ ca: await createCa(), caller: 'the-caller' });
  t.teardown(() => server.stop());
  const [ca, tokenFile] = [join(folder, 'ca.pem'), join(folder, 'token')];
  writeFileSync(ca, server.caPem);
  writeFileSync(tokenFile, 'the-caller', { mode: 0o600 });
  const kubernetes = { verify: 'tokenReview' as const, apiServer: server.url, tokenFile };
  return { server, issuers: { cluster: { ...signs, issuer: server.issuer, ca, kubernetes } } };
}

test('readiness: issuers – an API server that refuses TokenReview holds back a start, until it allows it', async (t) => {
  const { server, issuers } = await cluster(t);
  server.behave(server.paths.reviews, { kind: 'forbidden' });
  const service = await start(t, { readiness: 'issuers', issuers });
  t.deepEqual(await service.readyz(), { status: 503, never: ['issuer cluster'] });
  t.like(service.said()[0], { of: 'issuer cluster', reason: 'api_server_forbidden' });
  server.behave(server.paths.reviews, { kind: 'ok' });
  await waitFor('the first answer', 10_000, async () => (await service.readyz()).status === 200);
  const asked = server.count(server.paths.reviews);
  t.is((await service.readyz()).never, undefined);
  t.is(await service.metric('peerproof_issuer_answered', { issuer: 'cluster' }), 1);
  // It was a question about a token of nobody. Our own token would be accepted somewhere.
  t.false(server.asked.some(({ token }) => token === 'the-caller'));
  t.is(server.count(server.paths.reviews), asked);
});

test('readiness – by default nobody asks an API server before a check does', async (t) => {
  const { server, issuers } = await cluster(t);
  const service = await start(t, { issuers });
  t.deepEqual(await service.readyz(), { status: 200, never: undefined });
  t.is(server.count(), 0);
  t.notRegex((await service.page('/metrics')).body, /^peerproof_issuer_answered\{/m);
});
