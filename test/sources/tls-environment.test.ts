import { spawn } from 'node:child_process';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { createCa, type Issued } from '../support/ca.ts';

const module = new URL('../../src/sources/http-client.ts', import.meta.url).href;
/** Asks by the code that every source asks with, and prints what came. */
const program = `
const { sendRequest } = await import(process.argv[1]);
const ca = process.argv[3] || undefined;
const asked = sendRequest(new URL(process.argv[2]), {}, { ca, timeout: 10000, maxBytes: 100 });
console.log(await asked.then(({ status, body }) => status + ' ' + body, ({ message }) => 'refused: ' + message));
`;

/** In a process of its own, where TLS is told not to check anything. */
async function ask(url: string, ca = ''): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', program, module, url, ca],
    {
      env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 120_000,
    },
  );
  let out = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) out += chunk;
  return out.trim();
}

test('https – NODE_TLS_REJECT_UNAUTHORIZED=0 takes the check of certificates from no source', async (t) => {
  const ca = await createCa();
  const open = async ({ certPem: cert, keyPem: key }: Issued) => {
    const server = createServer({ cert, key }, (_, response) => response.end('told'));
    t.teardown(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  };
  const good = await open(await ca.server());
  const misnamed = await open(await ca.issue({ dns: ['other.example'] }));
  t.is(await ask(good, ca.certPem), '200 told');
  t.regex(await ask(good), /^refused: .*(?:self-signed|unable to (?:get|verify))/);
  t.regex(await ask(good, (await createCa()).certPem), /^refused: /);
  t.regex(await ask(misnamed, ca.certPem), /^refused: .*altnames/);
});
