import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { openCheckClient } from '../support/check-client.ts';
import { minting, ORDERS, OWN_ISSUER, pemKey, writeFiles } from '../support/internal-token.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { startPeerproof } from '../support/peerproof.ts';
import { freePort } from '../support/ports.ts';
import { waitFor } from '../support/wait.ts';

/** The verifiers of examples/internal-token, as they are published, with tokens that a real service mints. */

const examples = fileURLToPath(new URL('../../examples/internal-token/', import.meta.url));
const run = promisify(execFile);
const goFolder = mkdtempSync(join(tmpdir(), 'peerproof-go-'));
cpSync(join(examples, 'go'), goFolder, { recursive: true });
const inFolder = { cwd: goFolder, timeout: 600_000 };
const whyNot = await run('go', ['mod', 'download'], inFolder).then(
  () => undefined,
  ({ code }) => (code === 'ENOENT' ? 'no Go on this machine' : 'its modules cannot be fetched'),
);
if (whyNot) console.warn(`SKIPPED: ${whyNot}: the verifier in Go was neither built nor run`);
const goTest = whyNot ? test.skip : test;
test.after.always(() => rmSync(goFolder, { recursive: true }));

async function openWorld(t: ExecutionContext) {
  const signer = createSigner('ES256');
  const peerproof = await startPeerproof({
    listen: { keys: '127.0.0.1:0' },
    identity: minting(writeFiles(t, pemKey('EdDSA'), pemKey())),
    issuers: {
      corp: {
        issuer: 'https://login.example.com',
        audiences: ['orders'],
        jwks: { keys: [signer.publicJwk] },
      },
    },
    rules: [{ name: 'all', require: { binding: ['none'] } }],
  });
  const client = openCheckClient(peerproof.grpcPort);
  t.teardown(async () => {
    client.close();
    await peerproof.drain();
  });
  await peerproof.ready;
  const mint = async (principal: string): Promise<string> => {
    const exp = Math.floor(Date.now() / 1000) + 300;
    const token = signer.sign({ iss: 'https://login.example.com', aud: 'orders', sub: 'alice', exp });
    const headers = { authorization: `Bearer ${token}` };
    const http = { method: 'GET', host: 'orders', path: '/', headers };
    const answer = await client.check({ attributes: { destination: { principal }, request: { http } } });
    const set: { header: { key: string; value: string } }[] = answer.okResponse.headers;
    return set.find(({ header }) => header.key === 'x-peerproof-token')?.header.value ?? '';
  };
  const jwksUrl = `http://127.0.0.1:${peerproof.keysPort}/.well-known/jwks.json`;
  return { mint, jwksUrl };
}

/** Tokens, and the answer of a verifier for `ORDERS`. */
async function cases({ mint }: Awaited<ReturnType<typeof openWorld>>): Promise<[string, string, number][]> {
  const good = await mint(ORDERS);
  const [head, body] = good.split('.');
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const kid = JSON.parse(Buffer.from(head ?? '', 'base64url').toString()).kid;
  const stranger = createSigner('EdDSA', { kid });
  const claims = JSON.parse(Buffer.from(body ?? '', 'base64url').toString());
  return [
    ['a good one', good, 200],
    ['none', '', 401],
    ['one for another destination', await mint('spiffe://cluster.local/ns/billing/sa/billing'), 401],
    ['one that is not signed', `${part({ typ: 'peerproof+jwt', alg: 'none' })}.${body}.`, 401],
    ['one by a stranger', stranger.sign(claims, { typ: 'peerproof+jwt' }), 401],
  ];
}

async function judge(t: ExecutionContext, port: number, list: Awaited<ReturnType<typeof cases>>) {
  const ask = (token: string) =>
    fetch(`http://127.0.0.1:${port}/`, { headers: token ? { 'x-peerproof-token': token } : {} });
  await waitFor('the example listens', 20_000, () =>
    ask('').then(
      () => true,
      () => false,
    ),
  );
  for (const [title, token, status] of list) t.is((await ask(token)).status, status, title);
}

function start(t: ExecutionContext, program: string, args: readonly string[], env: object): ChildProcess {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'inherit' });
  t.teardown(() => void child.kill());
  return child;
}

test('examples – the verifier in Node accepts tokens for itself alone', async (t) => {
  const world = await openWorld(t);
  const port = await freePort();
  const env = { JWKS_URL: world.jwksUrl, ISSUER: OWN_ISSUER, AUDIENCE: ORDERS, PORT: String(port) };
  start(t, process.execPath, [join(examples, 'node/verify.mjs')], env);
  await judge(t, port, await cases(world));
});

goTest('examples – the verifier in Go compiles, and accepts tokens for itself alone', async (t) => {
  await run('go', ['vet', './...'], inFolder);
  await run('go', ['build', '-o', 'verify', '.'], inFolder);
  const world = await openWorld(t);
  const port = await freePort();
  const env = { JWKS_URL: world.jwksUrl, ISSUER: OWN_ISSUER, AUDIENCE: ORDERS, PORT: String(port) };
  start(t, join(goFolder, 'verify'), [], env);
  return judge(t, port, await cases(world));
});
