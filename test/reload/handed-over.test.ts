import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type LoadedConfig, loadConfig, restoreConfig } from '../../src/config/load.ts';
import { leavingOut } from '../../src/config/teams/handling.ts';
import { createLineLog } from '../../src/operate/log-line.ts';
import { Reloading } from '../../src/serve/reloading.ts';
import { LastGood } from '../../src/workers/last-good.ts';
import { createCa } from '../support/ca.ts';
import { waitFor } from '../support/wait.ts';

const rule = (name: string) => `rules: [{name: ${name}, match: {paths: [/]}, public: true}]\n`;

function world(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-handed-over-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'peerproof.yaml');
  const put = (text: string, name = 'peerproof.yaml') => writeFileSync(join(folder, name), text);
  put(rule('good'));
  return { folder, file, put };
}

/** As a worker goes on: with what was handed over, and eyes on the files. */
function follow(t: ExecutionContext, file: string, loaded: LoadedConfig, refused: string | undefined) {
  const events: string[] = [];
  let running = loaded;
  const reloading = new Reloading({
    load: () => loadConfig(file),
    adopt: async (next) => {
      running = next;
    },
    current: () => ({ loaded: running, loadedAt: 0 }),
    files: [file],
    log: createLineLog({ write: (line: string) => events.push(JSON.parse(line).event) }),
    handedOver: { refused },
    every: 10,
  });
  t.teardown(() => reloading.stop());
  return { reloading, events, rule: () => running.config.rules[0]?.name };
}

test('handed over – what is refused is said from the first moment, once, until it is mended', async (t) => {
  const { file, put } = world(t);
  const loaded = loadConfig(file);
  put('rules: [');
  const refused = `${file}:1: not YAML`;
  const { reloading, events, rule: name } = follow(t, file, loaded, refused);
  t.like(reloading.state(), { failure: refused, failures: 1 });
  t.deepEqual(events, ['configuration_refused']);
  reloading.start();
  put(rule('mended'));
  await waitFor('the mended one', 5_000, () => name() === 'mended');
  t.is(reloading.state().failure, undefined);
});

test('handed over – valid newer files are used, even if they did not change since the start', async (t) => {
  const { file, put } = world(t);
  const loaded = loadConfig(file);
  put(rule('newer'));
  const { reloading, events, rule: name } = follow(t, file, loaded, undefined);
  reloading.start();
  await waitFor('the newer one', 5_000, () => name() === 'newer');
  t.deepEqual(events, ['configuration_loaded']);
});

test('handed over – files that say the same change nothing', async (t) => {
  const { file } = world(t);
  const { reloading, events } = follow(t, file, loadConfig(file), undefined);
  reloading.start();
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.deepEqual(events, []);
  t.like(reloading.state(), { reloads: 0, failures: 0, failure: undefined });
});

test('last good – follows the file while it is valid, and keeps the last valid one', async (t) => {
  const { file, put } = world(t);
  const lastGood = new LastGood(
    loadConfig(file),
    { load: () => loadConfig(file), files: [file] },
    { every: 10 },
  );
  t.teardown(() => lastGood.stop());
  lastGood.start();
  put(rule('second'));
  await waitFor('the second', 5_000, () => lastGood.handOver().configuration.text.includes('second'));
  t.is(lastGood.handOver().refused, undefined);
  put('rules: [');
  await waitFor('the refusal', 5_000, () => lastGood.handOver().refused !== undefined);
  t.true(lastGood.handOver().configuration.text.includes('second'));
});

test('last good – also hands over current files that a source reads by itself, so that no old authority is used', async (t) => {
  const { file, put } = world(t);
  put('{"keys":[]}', 'keys.json');
  const text = `issuers: {corp: {issuer: "https://a.example", audiences: [a], jwks: keys.json}}\n${rule('a')}`;
  put(JSON.stringify({ keys: [jwk('first')] }), 'keys.json');
  put(text);
  const lastGood = new LastGood(
    loadConfig(file),
    { load: () => loadConfig(file), files: [file] },
    { every: 10 },
  );
  t.teardown(() => lastGood.stop());
  lastGood.start();
  const held = () => new Map(lastGood.handOver().configuration.files).get('keys.json') ?? '';
  t.regex(held(), /first/);
  await new Promise((resolve) => setTimeout(resolve, 100));
  put(JSON.stringify({ keys: [jwk('second')] }), 'keys.json');
  await waitFor('the second', 5_000, () => held().includes('second'));
});

test('last good – while a bundle is broken, a new worker gets its last good form and the newest rules', async (t) => {
  const { file, put } = world(t);
  const [{ certPem: old }, { certPem: present }] = [await createCa(), await createCa()];
  const text = (name: string) => `peers: {trustDomains: {a.example: {bundle: bundle.pem}}}\n${rule(name)}`;
  put(old, 'bundle.pem');
  put(text('first'));
  const load = (files?: LoadedConfig['files']) => loadConfig(file, undefined, files);
  const lastGood = new LastGood(load(), { load, files: [file] }, { every: 10 });
  t.teardown(() => lastGood.stop());
  lastGood.start();
  const held = () => new Map(lastGood.handOver().configuration.files).get('bundle.pem');
  put(present, 'bundle.pem');
  await waitFor('the present bundle', 5_000, () => held() === present);
  put(present.slice(0, 200), 'bundle.pem');
  put(text('second'));
  await waitFor('the rules', 5_000, () => lastGood.handOver().configuration.text.includes('second'));
  t.is(held(), present);
  t.is(lastGood.handOver().refused, undefined);
  t.notThrows(() => restoreConfig(lastGood.loaded));
});

test('restored – a configuration is the same without its files, and names one that was not handed over', (t) => {
  const { folder, file, put } = world(t);
  put(JSON.stringify({ keys: [jwk('k')] }), 'keys.json');
  put(`issuers: {corp: {issuer: "https://a.example", audiences: [a], jwks: keys.json}}\n${rule('a')}`);
  const loaded = loadConfig(file);
  rmSync(join(folder, 'keys.json'));
  rmSync(file);
  const restored = restoreConfig(loaded);
  t.is(restored.version, loaded.version);
  t.deepEqual(restored.files, loaded.files);
  t.is(restored.resolve('keys.json'), join(folder, 'keys.json'));
  t.throws(() => restoreConfig({ ...loaded, files: new Map() }), { message: /keys\.json cannot be read/ });
});

function jwk(kid: string): Record<string, unknown> {
  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
  return { kty: 'OKP', crv: 'Ed25519', x, kid };
}

test('last good – hands over the last good rules of a team whose file is broken by now', async (t) => {
  const { file, put, folder } = world(t);
  mkdirSync(join(folder, 'rules.d'));
  const team = `owner: a\nrules: [{name: good, match: {hosts: [a.example]}, public: true}]\n`;
  put(team, 'rules.d/a.yaml');
  put(`delegate: [{owner: a, hosts: [a.example], mayBePublic: true}]\ninclude: rules.d/*.yaml\n${rule('a')}`);
  const teams = leavingOut();
  const load = () => loadConfig(file, teams);
  const lastGood = new LastGood(load(), { load, files: [file] }, { every: 10 });
  t.teardown(() => lastGood.stop());
  lastGood.start();
  put('broken', 'rules.d/a.yaml');
  await waitFor('the broken file', 5_000, () => lastGood.loaded.owners[0]?.state === 'last_good');
  const { configuration } = lastGood.handOver();
  const worker = leavingOut();
  const restored = restoreConfig({ ...configuration, files: new Map(configuration.files) }, worker);
  t.deepEqual(
    [restored, loadConfig(file, worker)].map(({ owners, config }) => [
      owners[0]?.state,
      config.teams?.[0]?.rules[0]?.name,
    ]),
    [
      ['accepted', 'good'],
      ['last_good', 'good'],
    ],
  );
});
