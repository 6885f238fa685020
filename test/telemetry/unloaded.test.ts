import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const top = join(import.meta.dirname, '../..');

/** Starts and ends a service, and prints each module that it loaded. */
const script = (telemetry: object | undefined) => `
import { registerHooks } from 'node:module';
const seen = [];
registerHooks({ resolve(specifier, context, next) {
  const found = next(specifier, context);
  seen.push(found.url);
  return found;
} });
const { parseConfig } = await import('${top}/src/config/load.ts');
const { serve } = await import('${top}/src/serve/start.ts');
const config = {
  listen: { grpc: '127.0.0.1:0', admin: '127.0.0.1:0' },
  drain: { delay: '0ms' },
  rules: [{ name: 'all', public: true }],
  telemetry: ${JSON.stringify(telemetry)},
};
const running = await serve(parseConfig(JSON.stringify(config), 'a.yaml'), { log: { write() {} } });
await running.drain();
// An exit at once would cut off what the pipe has not taken yet.
process.stdout.write(seen.join('\\n'), () => process.exit(0));
`;

async function loadedWith(telemetry: object | undefined): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-unloaded-'));
  try {
    const file = join(folder, 'start.mjs');
    writeFileSync(file, script(telemetry));
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: top });
    return [
      ...new Set(
        [...stdout.matchAll(/node_modules\/(@opentelemetry\/[^/]+)\//g)].flatMap(([, name]) => name ?? []),
      ),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('telemetry – a start without it loads no part of the SDK', async (t) => {
  // prom-client itself loads this one.
  t.deepEqual(await loadedWith(undefined), ['@opentelemetry/api']);
});

test('telemetry – a start with it loads the SDK', async (t) => {
  const loaded = await loadedWith({ endpoint: 'http://127.0.0.1:9', traces: {} });
  t.true(loaded.includes('@opentelemetry/sdk-trace'), loaded.join());
});
