import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/processes.ts';
import { tutorialFlags } from './tutorial.ts';

const bin = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));
const peerproof = (...args: string[]) =>
  spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', timeout: 120_000 });

test('migrate – the flags of Kyma’s tutorial: a configuration that validates, and answers 401 and 200', async (t) => {
  const signer = createSigner('RS256');
  const issuer = await startJwksServer();
  t.teardown(() => issuer.stop());
  issuer.setKeys([signer.publicJwk]);
  const [port, grpc, admin] = [await freePort(), await freePort(), await freePort()];
  const migrated = peerproof(
    'migrate',
    'oauth2-proxy',
    '--',
    ...tutorialFlags(issuer.issuer, `127.0.0.1:${port}`),
  );
  t.is(migrated.status, 0, migrated.stderr);
  t.notRegex(migrated.stdout + migrated.stderr, /not-used|AAAAAAAA/);

  const folder = mkdtempSync(join(tmpdir(), 'peerproof-migrate-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'peerproof.yaml');
  // Only so that the test can run beside others: the two other ports.
  const free = migrated.stdout
    .replace('0.0.0.0:9001', `127.0.0.1:${grpc}`)
    .replace('0.0.0.0:9003', `127.0.0.1:${admin}`);
  writeFileSync(file, free);
  const validated = peerproof('validate', '--config', file);
  t.is(validated.status, 0, validated.stdout + validated.stderr);

  const service = await startProcess({
    name: 'peerproof',
    command: process.execPath,
    args: [bin, 'serve', '--config', file],
    readyWithinMs: 30_000,
    ready: () =>
      fetch(`http://127.0.0.1:${admin}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  t.teardown(() => service.stop());
  const ask = (authorization?: string) =>
    fetch(`http://127.0.0.1:${port}/orders/1`, { headers: authorization ? { authorization } : {} });
  const without = await ask();
  t.is(without.status, 401);
  t.is(await without.text(), '{}');

  const seconds = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer.issuer, aud: 'orders', sub: 'shop', groups: ['a', 'b'], exp: seconds + 300 };
  const token = signer.sign({ ...claims, iat: seconds });
  const answer = await ask(`Bearer ${token}`);
  t.is(answer.status, 200);
  t.is(await answer.text(), 'Authenticated');
  t.is(answer.headers.get('x-auth-request-user'), 'shop');
  t.is(answer.headers.get('x-auth-request-email'), 'shop');
  t.is(answer.headers.get('x-auth-request-groups'), 'a,b');
  t.is(answer.headers.get('x-auth-request-access-token'), token);
  t.is(answer.headers.get('authorization'), `Bearer ${token}`);
  t.is(answer.headers.get('gap-auth'), 'shop');
  t.is((await ask(`Bearer ${signer.sign({ ...claims, aud: 'payments' })}`)).status, 401);
  t.is((await ask(`Bearer ${createSigner('RS256').sign(claims)}`)).status, 401);
});

for (const args of [[], ['traefik'], ['--cfg', 'x']])
  test(`migrate – ${JSON.stringify(args)} is misuse: exit code 2`, (t) => {
    const { status, stderr, stdout } = peerproof('migrate', ...args);
    t.is(status, 2);
    t.regex(stderr, /peerproof migrate oauth2-proxy/);
    t.is(stdout, '');
  });
