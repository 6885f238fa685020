import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../istio/manifests.ts';
import { startApiServer } from '../support/api-server.ts';
import { createCa } from '../support/ca.ts';
import { httpCheck, openCheckClient } from '../support/check-client.ts';
import { startPeerproofProcess } from '../support/peerproof-process.ts';
import { waitFor } from '../support/wait.ts';
import { chartTest, installed, only, render } from './chart.ts';

const orders = 'spiffe://cluster.local/ns/applications/sa/orders';

/** The header that the sidecar of `orders` writes about its peer. */
const from = (name: string) => ({
  'x-forwarded-client-cert': `By=${orders};Hash=${'0'.repeat(64)};Subject="";URI=${orders.replace('orders', name)}`,
});

chartTest('docs/deploy/helm.md – the token of shop is 200 from shop and 401 from thief', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-first-200-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const ca = await createCa();
  const cluster = await startApiServer({ ca, caller: 'the-token-of-the-pod' });
  t.teardown(() => cluster.stop());
  writeFileSync(join(folder, 'ca.crt'), ca.certPem);
  writeFileSync(join(folder, 'token'), 'the-token-of-the-pod');

  const page = readFileSync(join(root, 'docs/deploy/helm.md'), 'utf8');
  const [, block = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const text = only(installed(await render(parse(block))), 'ConfigMap').data?.['peerproof.yaml'] ?? '';
  const { listen: _, ...config } = parse(text);
  // A pod has these from its cluster.
  Object.assign(config.issuers.cluster, { ca: join(folder, 'ca.crt'), issuer: cluster.issuer });
  Object.assign(config.issuers.cluster.kubernetes, {
    apiServer: cluster.url,
    tokenFile: join(folder, 'token'),
  });
  const peerproof = await startPeerproofProcess(config);
  t.teardown(() => peerproof.stop());
  const client = openCheckClient(peerproof.grpcPort);
  t.teardown(() => client.close());

  const token = cluster.issue({ namespace: 'applications', name: 'shop', audiences: ['orders'] });
  const status = async (name: string) => {
    const { attributes } = httpCheck(token, from(name));
    const http = { ...attributes?.request?.http, path: '/orders/1', host: 'orders:8080' };
    const answer = await client.check({
      attributes: { destination: { principal: orders }, request: { http } },
    });
    return answer.deniedResponse?.status?.code ?? 200;
  };
  t.is(await status('shop'), 200);
  t.regex(`${await status('thief')}`, /^(401|Unauthorized)$/);
  await waitFor('the log', 5_000, async () => (await peerproof.decisions()).length === 2);
  const reasons = (await peerproof.decisions()).map(({ reason }) => reason);
  t.deepEqual(reasons, ['allowed', 'binding_workload_mismatch']);
});
