import test from 'ava';
import { dashboardQueries } from '../../tools/docs/dashboard.ts';
import { startReloadWorld, yaml } from '../reload/reload-world.ts';
import { programTest } from '../support/debian-test.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { anyBearer } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';
import { type AskPrometheus, findPrometheus, startPrometheus } from './prometheus.ts';

const promtoolTest = await programTest('promtool');
const prometheus = await findPrometheus();
const prometheusTest = prometheus === undefined ? test.serial.skip : promtoolTest;

async function firing(ask: AskPrometheus): Promise<string[]> {
  const alerts = await ask('group by (alertname) (ALERTS{alertstate="firing"})');
  return alerts.map(({ labels }) => labels.alertname ?? '').sort();
}

prometheusTest(
  'alerts – a real outage and a broken file fire theirs, and nothing is left afterwards',
  async (t) => {
    t.timeout(90_000);
    const server = await startJwksServer({ signers: [createSigner('ES256')] });
    t.teardown(() => server.stop());
    const config = yaml({
      issuers: { corp: { issuer: server.issuer, audiences: ['orders'], refresh: '1s' } },
      rules: [anyBearer],
    });
    const world = await startReloadWorld(t, { 'peerproof.yaml': config });
    const ask = await startPrometheus(t, prometheus ?? '', world.adminPort);
    const has = async (query: string) => (await ask(query)).length > 0;
    await waitFor('several looks', 30_000, () => has('count_over_time(peerproof_build_info[1m]) > 10'));
    t.deepEqual(await firing(ask), []);

    const before = Date.now();
    await server.down();
    await world.mount({ 'peerproof.yaml': 'rules: [' });
    await world.reload();
    const wanted = ['PeerproofConfigurationRefused', 'PeerproofIssuerDown'];
    await waitFor('both alerts', 30_000, async () => (await firing(ask)).length >= wanted.length);
    t.deepEqual(await firing(ask), wanted);
    const [query = ''] = dashboardQueries().filter((one) => one.includes('failing_since'));
    const [down, ...more] = await ask(query);
    t.deepEqual(more, []);
    t.deepEqual(down?.labels, { issuer: 'corp', url: server.issuer });
    // A fetch may have been under way when the issuer went down.
    t.true(Math.abs((down?.value ?? 0) - before) < 10_000);

    await server.up();
    await world.mount({ 'peerproof.yaml': config });
    await world.reload();
    await waitFor('silence', 30_000, async () => (await firing(ask)).length === 0);
    t.pass();
  },
);
