import test from 'ava';
import { createCa } from '../support/ca.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { anyBearer, goodClaims, inlineIssuer } from '../support/token-fixture.ts';
import { startReloadWorld, yaml } from './reload-world.ts';

const signer = createSigner('ES256');
const token = signer.sign(goodClaims({ exp: Date.now() / 1000 + 600, iat: undefined, nbf: undefined }));
const config = (more: object = {}) =>
  yaml({ issuers: { corp: inlineIssuer([signer]) }, rules: [anyBearer], ...more });

/** The value of one series. Undefined if there is none. */
function seriesOf(metrics: string, series: string): number | undefined {
  const line = metrics.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}

test('metrics – what caches found stays in the sums after a reload, which empties them', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  for (let check = 0; check < 3; check++) t.is(await world.ask(token), 'allowed');
  const before = await world.metrics();
  t.is(seriesOf(before, 'peerproof_cache_hits_total{cache="tokens"}'), 2);
  t.is(seriesOf(before, 'peerproof_cache_misses_total{cache="tokens"}'), 1);
  t.true((seriesOf(before, 'peerproof_cache_bytes{cache="tokens"}') ?? 0) > 0);
  t.is(seriesOf(before, 'peerproof_cache_limit_bytes{cache="tokens"}'), 64 * 2 ** 20);
  await world.mount({ 'peerproof.yaml': config({ limits: { waitingChecks: 7 } }) });
  await world.reload();
  t.is(await world.ask(token), 'allowed');
  const after = await world.metrics();
  t.is(seriesOf(after, 'peerproof_cache_hits_total{cache="tokens"}'), 2);
  t.is(seriesOf(after, 'peerproof_cache_misses_total{cache="tokens"}'), 2);
  t.is(seriesOf(after, 'peerproof_checks_waiting_limit'), 7);
});

test('metrics – a part of the configuration that waits for a restart', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  t.is(seriesOf(await world.metrics(), 'peerproof_configuration_restart_needed'), 0);
  await world.mount({ 'peerproof.yaml': config({ grpc: { maxConcurrentStreams: 200 } }) });
  await world.reload();
  t.is(seriesOf(await world.metrics(), 'peerproof_configuration_restart_needed'), 1);
});

test('metrics – the certificate that a port presents now', async (t) => {
  const ca = await createCa();
  const { certPem, keyPem } = await ca.server();
  const grpc = { tls: { certFile: 'tls.pem', keyFile: 'tls.key' } };
  const world = await startReloadWorld(t, {
    ...{ 'peerproof.yaml': config({ grpc }), 'tls.pem': certPem, 'tls.key': keyPem },
  });
  const metrics = await world.metrics();
  const expiry = seriesOf(metrics, 'peerproof_certificate_expiry_timestamp_seconds{door="grpc"}') ?? 0;
  t.true(expiry > Date.now() / 1000);
  t.is(seriesOf(metrics, 'peerproof_certificate_expiry_timestamp_seconds{door="http"}'), undefined);
});

test('metrics – requests for keys, by outcome, and the build', async (t) => {
  const server = await startJwksServer({ signers: [signer] });
  t.teardown(() => server.stop());
  const issuer = { issuer: server.issuer, audiences: ['orders'] };
  const late = { ...issuer, jwksUri: `${server.issuer}/nothing` };
  const world = await startReloadWorld(t, {
    'peerproof.yaml': config({
      issuers: { corp: issuer, late: { ...late, issuer: 'https://late.example' } },
    }),
  });
  const metrics = await world.metrics();
  const requests = (name: string, outcome: string) =>
    seriesOf(metrics, `peerproof_issuer_requests_total{issuer="${name}",kind="keys",outcome="${outcome}"}`);
  t.is(requests('corp', 'answered'), 1);
  t.is(requests('corp', 'failed'), 0);
  t.true((requests('late', 'failed') ?? 0) >= 1);
  t.is(seriesOf(metrics, 'peerproof_issuer_up{issuer="late"}'), 0);
  t.regex(
    metrics,
    new RegExp(`^peerproof_build_info{version="\\d+\\.\\d+\\.\\d+",node="${process.version}"} 1$`, 'm'),
  );
});
