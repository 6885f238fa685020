import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createServer } from '../../src/lib/node-http.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { listen } from '../support/listening.ts';
import { startPeerproof } from '../support/peerproof.ts';
import { anyBearer, inlineIssuer } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';
import { AUDIENCE, signer } from './events.ts';

test('transmitter – one that hangs holds up neither the service nor another transmitter', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  let polls = 0;
  const server = createServer((request, response) => {
    if (request.url !== '/poll') return;
    polls++;
    request.resume();
    response.end('{"sets":{}}');
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  const common = { audience: AUDIENCE, speaksFor: ['login'], tokenFile: file('token', 'secret\n') };
  const service = await startPeerproof({
    issuers: { login: inlineIssuer([createSigner('ES256')]) },
    revocation: {
      file: file('revocations.jsonl', ''),
      transmitters: {
        hanging: { ...common, issuer: url, jwksUri: `${url}/jwks`, poll: `${url}/jwks`, timeout: '1m' },
        good: { ...common, issuer: `${url}/good`, jwks: { keys: [signer.publicJwk] }, poll: `${url}/poll` },
      },
    },
    rules: [anyBearer],
  });
  t.teardown(async () => {
    await service.drain();
    server.closeAllConnections();
    server.close();
  });
  await Promise.all([service.ready, waitFor('polls', 15_000, () => polls > 0)]);
  t.pass();
});
