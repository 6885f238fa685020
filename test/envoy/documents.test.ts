import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { published } from '../proxies/orders.ts';
import { createCa } from '../support/ca.ts';
import { findEnvoy } from '../support/envoy-binary.ts';
import { envoyTest } from '../support/envoy-test.ts';

const complete = published('envoy.yaml');

/** What Envoy itself says of a configuration whose certificates stand in a folder of the test. */
async function validate(yaml: string, folder: string): Promise<string> {
  const ca = await createCa();
  const { certPem, keyPem } = await ca.issue({ uris: ['spiffe://cluster.local/ns/applications/sa/orders'] });
  const contents: Readonly<Record<string, string>> = { '.key': keyPem, 'ca.pem': ca.certPem };
  const moved = yaml.replace(/\/etc\/envoy\/tls\/[\w.-]+/g, (file) => {
    const copy = join(folder, basename(file));
    writeFileSync(copy, Object.entries(contents).find(([end]) => file.endsWith(end))?.[1] ?? certPem);
    return copy;
  });
  const config = join(folder, 'envoy.yaml');
  writeFileSync(config, moved);
  const envoy = (await findEnvoy()) ?? '';
  const args = ['--mode', 'validate', '--config-path', config, '--log-level', 'error'];
  return promisify(execFile)(envoy, args, { timeout: 120_000 }).then(
    () => 'good',
    (error) => String(error.stderr),
  );
}

envoyTest('documents – proxies/envoy.yaml is good for the real Envoy', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-envoy-file-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  t.is(await validate(complete, folder), 'good');
  t.regex(
    await validate(complete.replace('failure_mode_allow', 'failure_mode_alow'), folder),
    /failure_mode_alow/,
  );
});
