import { renameSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { parseConfig } from '../../src/config/load.ts';
import { parseSigningKey, type SigningKey } from '../../src/core/internal-token/signing-key.ts';
import { serve } from '../../src/serve/start.ts';
import { openCheckClient } from '../support/check-client.ts';
import { minting, ORDERS, OWN_ISSUER, partsOf, pemKey, writeFiles } from '../support/internal-token.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { configText } from '../support/peerproof.ts';
import { waitFor } from '../support/wait.ts';

const SIGN_AFTER = 900_000;
const signer = createSigner('ES256');

/** One replica, with the clock that all of them share. */
async function startReplica(t: ExecutionContext, keyFiles: readonly string[], clock: { ahead: number }) {
  const text = configText({
    listen: { keys: '127.0.0.1:0' },
    identity: minting(keyFiles),
    issuers: {
      corp: {
        issuer: 'https://login.example.com',
        audiences: ['orders'],
        jwks: { keys: [signer.publicJwk] },
      },
    },
    rules: [{ name: 'all', require: { binding: ['none'] } }],
  });
  const lines: string[] = [];
  const running = await serve(parseConfig(text, 'peerproof.yaml'), {
    log: { write: (line: string) => lines.push(line) },
    clock: () => Date.now() + clock.ahead,
  });
  const client = openCheckClient(running.grpcPort);
  t.teardown(async () => {
    client.close();
    await running.drain();
  });
  await running.ready;
  const url = `http://127.0.0.1:${running.keysPort}/.well-known/jwks.json`;
  return {
    url,
    lines,
    async jwks() {
      const answer = await fetch(url);
      const { keys } = (await answer.json()) as { keys: { kid: string }[] };
      return { kids: keys.map(({ kid }) => kid), age: answer.headers.get('cache-control') };
    },
    async metrics() {
      return (await fetch(`http://127.0.0.1:${running.adminPort}/metrics`)).text();
    },
    async mint(sub = `user-${Math.random()}`) {
      const now = Math.floor((Date.now() + clock.ahead) / 1000);
      const token = signer.sign({ iss: 'https://login.example.com', aud: 'orders', sub, exp: now + 300 });
      const request = {
        attributes: {
          destination: { principal: ORDERS },
          request: {
            http: {
              ...{ method: 'GET', host: 'orders.example.com', path: '/' },
              headers: { authorization: `Bearer ${token}` },
            },
          },
        },
      };
      // The replica tells the caller's deadline by the clock of the test.
      const answer = await client.check(request, 10 * SIGN_AFTER);
      const headers: { header: { key: string; value: string } }[] = answer.okResponse?.headers ?? [];
      return headers.find(({ header }) => header.key === 'x-peerproof-token')?.header.value ?? '';
    },
  };
}

test('signing keys – two replicas rotate a key without a gap, and without a restart', async (t) => {
  const [old, fresh] = [pemKey(), pemKey('EdDSA')];
  const kid = (pem: string) => (parseSigningKey(pem) as SigningKey).kid;
  const paths = writeFiles(t, old);
  const [path = ''] = paths;
  const clock = { ahead: 0 };
  const replicas = await Promise.all([startReplica(t, paths, clock), startReplica(t, paths, clock)]);
  const [first, second] = replicas;
  const signedBy = async () =>
    Promise.all(replicas.map(async (replica) => partsOf(await replica.mint()).header.kid));
  t.deepEqual(await signedBy(), [kid(old), kid(old)]);
  t.is((await first.jwks()).age, 'public, max-age=300');

  // As a program replaces a file.
  writeFileSync(`${path}.next`, fresh);
  renameSync(`${path}.next`, path);
  for (const replica of replicas)
    await waitFor('the key files are read', 5_000, async () =>
      (await replica.jwks()).kids.includes(kid(fresh)),
    );
  t.deepEqual(await signedBy(), [kid(old), kid(old)]);

  // What a verifier read then is good for both keys, whichever replica signs and whichever it asks.
  const known = await fetch(second.url).then((answer) => answer.json());
  const before = await first.mint();
  clock.ahead += SIGN_AFTER;
  for (const replica of replicas)
    await waitFor(
      'the key files are read',
      5_000,
      async () => partsOf(await replica.mint()).header.kid === kid(fresh),
    );
  const after = await first.mint();
  const verifiers = [createRemoteJWKSet(new URL(first.url)), createRemoteJWKSet(new URL(second.url))];
  for (const verifier of verifiers)
    for (const [token, at] of [
      [before, Date.now()],
      [after, Date.now() + clock.ahead],
    ] as const)
      await t.notThrowsAsync(
        jwtVerify(token, verifier, { issuer: OWN_ISSUER, audience: ORDERS, currentDate: new Date(at) }),
      );
  t.deepEqual(
    new Set((known as { keys: { kid: string }[] }).keys.map((key) => key.kid)),
    new Set([kid(old), kid(fresh)]),
  );

  // A file that is broken later keeps the last good key.
  writeFileSync(path, 'broken');
  for (const replica of replicas)
    await waitFor('the key files are read', 5_000, async () =>
      /^peerproof_signing_key_up\{file="[^"]+"\} 0$/m.test(await replica.metrics()),
    );
  t.deepEqual(await signedBy(), [kid(fresh), kid(fresh)]);
  const said = first.lines.filter((line) => line.includes('signing_key_unavailable'));
  t.is(said.length, 1);
  t.regex(said[0] ?? '', /is not a private key in PEM/);

  clock.ahead += 121_000;
  for (const replica of replicas)
    await waitFor(
      'the key files are read',
      5_000,
      async () => (await replica.jwks()).kids.join() === kid(fresh),
    );
});

test('signing keys – the port shows public keys and nothing else', async (t) => {
  const paths = writeFiles(t, pemKey('RS256'));
  const { url } = await startReplica(t, paths, { ahead: 0 });
  const text = await (await fetch(url)).text();
  const [key] = JSON.parse(text).keys;
  t.deepEqual(Object.keys(key).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
  t.is((await fetch(`${url}?x=1`)).status, 200);
  t.is((await fetch(url, { method: 'HEAD' })).status, 200);
  t.is((await fetch(url, { method: 'POST', body: 'x' })).status, 405);
  for (const other of ['/', '/metrics', '/healthz', '/readyz', '/console', '/.well-known/jwks.json/', '/..'])
    t.is((await fetch(new URL(other, url))).status, 404, other);
});
