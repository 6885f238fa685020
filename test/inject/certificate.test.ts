import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { handshake } from '../reload/handshake.ts';
import { createCa } from '../support/ca.ts';
import { waitFor } from '../support/wait.ts';
import { startInjector } from './inject-world.ts';

const [one, two] = [await createCa({ name: 'O=one' }), await createCa({ name: 'O=two' })];
const [first, second] = [await one.server(), await two.server()];
const clients = [await one.issue(), await two.issue()];
type Files = Readonly<Record<'tls.crt' | 'tls.key' | 'ca.crt', string>>;
const before: Files = { 'tls.crt': first.certPem, 'tls.key': first.keyPem, 'ca.crt': one.certPem };
const after: Files = { 'tls.crt': second.certPem, 'tls.key': second.keyPem, 'ca.crt': two.certPem };

/** An injector with the files of a mounted Secret. */
async function world(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-inject-'));
  let version = 0;
  const mount = (files: Files) => {
    const data = `..${++version}`;
    mkdirSync(join(folder, data));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, data, name), text);
    symlinkSync(data, join(folder, '..next'));
    renameSync(join(folder, '..next'), join(folder, '..data'));
    if (version === 1)
      for (const name of Object.keys(files)) symlinkSync(join('..data', name), join(folder, name));
  };
  mount(before);
  const at = (name: keyof Files) => join(folder, name);
  const injector = await startInjector({
    grpc: { tls: { certFile: at('tls.crt'), keyFile: at('tls.key'), clientCaFile: at('ca.crt') } },
    tokens: [{ hosts: ['orders'], audience: 'orders', file: join(folder, 'token') }],
  });
  t.teardown(async () => {
    await injector.drain();
    rmSync(folder, { recursive: true });
  });
  const seen = () => Promise.all(clients.map((client) => handshake(injector.grpcPort, client)));
  const events = (name: string) => injector.logged().filter(({ event }) => event === name);
  return { mount, seen, events };
}

test('inject certificate – new files of a mounted Secret count for new connections', async (t) => {
  const { mount, seen, events } = await world(t);
  t.deepEqual(await seen(), ['one', 'refused']);
  mount(after);
  await waitFor('the new certificate', 8_000, () => events('certificate_loaded').length === 1);
  t.deepEqual(await seen(), ['refused', 'two']);
  t.deepEqual(events('certificate_refused'), []);
});

for (const [what, wrong] of [
  ['a key of another certificate', { 'tls.key': second.keyPem }],
  ['an empty certificate', { 'tls.crt': '' }],
  ['authorities that are none', { 'ca.crt': 'nothing' }],
] as const)
  test(`inject certificate – ${what}: the previous files stay, and the log says so once`, async (t) => {
    const { mount, seen, events } = await world(t);
    mount({ ...before, ...wrong });
    await waitFor('the refusal', 8_000, () => events('certificate_refused').length === 1);
    t.deepEqual(await seen(), ['one', 'refused']);
    mount(after);
    await waitFor('the mended files', 8_000, () => events('certificate_loaded').length === 1);
    t.deepEqual(await seen(), ['refused', 'two']);
    t.is(events('certificate_refused').length, 1);
  });
