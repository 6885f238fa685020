import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createCa } from '../support/ca.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { createRemoteWorld } from '../support/remote-world.ts';

const directory = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
test.after.always(() => rmSync(directory, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};

test('https – an issuer with a private CA is asked with it, and not without or with another', async (t) => {
  const ca = await createCa();
  const other = await createCa();
  const tls = await ca.server();
  const server = { tls };
  const good = await createRemoteWorld(t, { server, issuer: { ca: file('ca.pem', ca.certPem) } });
  isAllowed(t, await good.checkToken());
  const foreign = await createRemoteWorld(t, { server, issuer: { ca: file('other.pem', other.certPem) } });
  isRefused(t, await foreign.checkToken(), 'issuer_unavailable');
  const without = await createRemoteWorld(t, { server });
  isRefused(t, await without.checkToken(), 'issuer_unavailable');
});

test('https – a certificate of another name is refused (RFC 9110 §4.3.4)', async (t) => {
  const ca = await createCa();
  const tls = await ca.issue({ dns: ['other.example'] });
  const world = await createRemoteWorld(t, {
    server: { tls },
    issuer: { ca: file('named.pem', ca.certPem) },
  });
  isRefused(t, await world.checkToken(), 'issuer_unavailable');
  t.is(world.server.count(), 0);
});
