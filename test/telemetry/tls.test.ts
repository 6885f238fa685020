import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createCa } from '../support/ca.ts';
import { httpCheck, openCheckClient } from '../support/check-client.ts';
import { startOtlpCollector } from '../support/otlp-collector.ts';
import { startPeerproof } from '../support/peerproof.ts';
import { configFor } from './world.ts';

// Node turns the check of certificates off for connections that do not say what they want.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';

const ca = await createCa();
const stranger = await createCa();

/** Sends one span to a collector with a certificate of `ca`. @returns how many have arrived */
async function spansWith(t: ExecutionContext, trusted: string | undefined): Promise<number> {
  const collector = await startOtlpCollector(0, await ca.server());
  t.teardown(collector.stop);
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-telemetry-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const caFile = join(folder, 'ca.pem');
  if (trusted !== undefined) writeFileSync(caFile, trusted);
  const telemetry = { traces: { sample: 1 }, ...(trusted !== undefined && { caFile }) };
  const peerproof = await startPeerproof(configFor(collector, telemetry));
  const client = openCheckClient(peerproof.grpcPort);
  await client.check(httpCheck());
  client.close();
  await peerproof.drain();
  return collector.spans.length;
}

test('tls – a collector of a trusted authority gets spans', async (t) => {
  t.is(await spansWith(t, ca.certPem), 1);
});

test('tls – a collector of another authority gets none, whatever the environment says', async (t) => {
  t.is(await spansWith(t, undefined), 0);
  t.is(await spansWith(t, stranger.certPem), 0);
});
