import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { httpCheck } from '../support/check-client.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { anyBearer, goodClaims, inlineIssuer } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';
import { startReloadWorld, yaml } from './reload-world.ts';

const signer = createSigner('ES256');
const other = createSigner('ES256');
const token = () => signer.sign(goodClaims({ exp: Date.now() / 1000 + 600, iat: undefined, nbf: undefined }));
const config = (more: object = {}) =>
  yaml({ issuers: { corp: inlineIssuer([signer]) }, rules: [anyBearer], ...more });
const closed = {
  rules: [{ name: 'closed', match: { paths: ['/nowhere'] }, require: { binding: ['none'] } }],
};

test('reload – a changed file is at work by itself, also through the symlink of a volume', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  const { version } = (await world.readyz()).configuration;
  t.is(await world.ask(token()), 'allowed');
  await world.mount({ 'peerproof.yaml': config(closed) });
  await waitFor('the new rules', 8_000, async () => (await world.ask(token())) === 'no_rule');
  const now = (await world.readyz()).configuration;
  t.not(now.version, version);
  t.is(now.refused, undefined);
  t.like(world.events('configuration_loaded')[0], { version: now.version, from: version });
  const metrics = await world.metrics();
  t.true(metrics.includes(`peerproof_configuration_info{version="${now.version}"} 1`));
  t.false(metrics.includes(`version="${version}"`));
  t.regex(metrics, /^peerproof_configuration_reloads_total\{result="loaded"\} 1$/m);
});

test('reload – after a broken file the previous configuration stays in use; log, readiness and metric report it', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  const { version } = (await world.readyz()).configuration;
  const broken = [
    ['rules: [{name: x', /not YAML/],
    [
      config({ rules: [{ name: 'x', require: { issuers: ['nobody'] } }] }),
      /is not a configured issuer: "nobody"/,
    ],
    ['', /has no settings/],
  ] as const;
  for (const [text, why] of broken) {
    await world.mount({ 'peerproof.yaml': text });
    await world.reload();
    t.is(await world.ask(token()), 'allowed');
    const { status, configuration } = await world.readyz();
    t.is(status, 200);
    t.is(configuration.version, version);
    t.regex(configuration.refused ?? '', why);
    t.regex(world.events('configuration_refused').at(-1)?.failure ?? '', why);
  }
  t.regex(await world.metrics(), /^peerproof_configuration_refused 1$/m);
  t.regex(await world.metrics(), /^peerproof_configuration_reloads_total\{result="refused"\} 3$/m);
  await world.mount({ 'peerproof.yaml': config(closed) });
  await world.reload();
  t.is(await world.ask(token()), 'no_rule');
  t.is((await world.readyz()).configuration.refused, undefined);
  t.regex(await world.metrics(), /^peerproof_configuration_refused 0$/m);
});

test('reload – a file that is mended to what is in use has the last word in the log', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  const { version } = (await world.readyz()).configuration;
  await world.mount({ 'peerproof.yaml': 'rules: [' });
  await world.reload();
  t.is(world.events('configuration_refused').length, 1);
  await world.mount({ 'peerproof.yaml': config() });
  await world.reload();
  await world.reload();
  t.deepEqual(
    world.events('configuration_accepted').map((line) => line.version),
    [version],
  );
  t.is(JSON.parse(world.lines.at(-1) ?? '').event, 'configuration_accepted');
});

test('reload – after a file is deleted the previous configuration stays in use', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  await rm(join(world.folder, 'peerproof.yaml'));
  await world.reload();
  t.is(await world.ask(token()), 'allowed');
  t.regex((await world.readyz()).configuration.refused ?? '', /cannot be read \(ENOENT\)/);
});

test('reload – the same content in another file changes nothing', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  const { version } = (await world.readyz()).configuration;
  await world.mount({ 'peerproof.yaml': `# a comment\n${config()}` });
  await world.reload();
  t.is((await world.readyz()).configuration.version, version);
  t.deepEqual(world.events('configuration_loaded'), []);
});

test('reload – a token that was verified before is verified again: the key may be another', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  const presented = token();
  t.is(await world.ask(presented), 'allowed');
  t.is(await world.ask(presented), 'allowed');
  await world.mount({
    'peerproof.yaml': config({
      issuers: { corp: inlineIssuer([{ ...other, publicJwk: { ...other.publicJwk, kid: signer.kid } }]) },
    }),
  });
  await world.reload();
  t.is(await world.ask(presented), 'token_signature_invalid');
});

test('reload – an unchanged issuer keeps its keys, even if it is down; a changed one is fetched first', async (t) => {
  const server = await startJwksServer();
  t.teardown(() => server.stop());
  server.setKeys([signer.publicJwk]);
  const remote = (more: object = {}) => ({
    issuers: { corp: { issuer: server.issuer, audiences: ['orders'], clockSkew: '1s', ...more } },
  });
  const world = await startReloadWorld(t, { 'peerproof.yaml': config(remote()) });
  const presented = () => signer.sign({ ...goodClaims(), iss: server.issuer, exp: Date.now() / 1000 + 600 });
  t.is(await world.ask(presented()), 'allowed');
  await server.down();
  const fetched = server.count(server.paths.jwks);
  for (const more of [{ clockSkew: '5s' }, { audiences: ['orders', 'payments'] }]) {
    await world.mount({ 'peerproof.yaml': config(remote(more)) });
    await world.reload();
    t.is(await world.ask(presented()), 'allowed', JSON.stringify(more));
  }
  await server.up();
  t.is(server.count(server.paths.jwks), fetched);
  await world.mount({ 'peerproof.yaml': config(remote({ jwksUri: server.jwksUri })) });
  await world.reload();
  t.is(await world.ask(presented()), 'allowed');
  t.is(server.count(server.paths.jwks), fetched + 1);
});

test('reload – no check fails while the configuration changes again and again', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  let going = true;
  const answers = new Map<string, number>();
  const load = Array.from({ length: 8 }, async () => {
    while (going) {
      const reason = (await world.client.check(httpCheck(token()))).status.message;
      answers.set(reason, (answers.get(reason) ?? 0) + 1);
    }
  });
  const versions = new Set<string>();
  for (let n = 0; n < 10; n++) {
    await world.mount({ 'peerproof.yaml': config({ realm: `r${n}` }) });
    await world.reload();
    versions.add((await world.readyz()).configuration.version);
  }
  going = false;
  await Promise.all(load);
  t.is(versions.size, 10);
  t.deepEqual([...answers.keys()], ['allowed']);
  t.true((answers.get('allowed') ?? 0) > 20);
});

test('reload – a file that the configuration names is part of it', async (t) => {
  const condition = (scope: string) =>
    config({ issuers: { corp: { ...inlineIssuer([signer]), jwks: 'keys.json' } }, realm: scope });
  const keys = (by: typeof signer) => JSON.stringify({ keys: [by.publicJwk] });
  const world = await startReloadWorld(t, {
    'peerproof.yaml': condition('a'),
    'keys.json': keys(signer),
  });
  t.is(await world.ask(token()), 'allowed');
  const { version } = (await world.readyz()).configuration;
  await world.mount({ 'peerproof.yaml': condition('a'), 'keys.json': keys(other) });
  await waitFor('the other key', 8_000, async () => (await world.ask(token())) !== 'allowed');
  // Its own source watches this one: no other version, and nothing else is given up.
  t.is((await world.readyz()).configuration.version, version);
});

test('reload – a half-written file is not read: it has to look the same twice', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  const file = join(world.folder, 'peerproof.yaml');
  await rm(file);
  const text = config(closed);
  // For two seconds something is added at least twice between two looks.
  for (let length = 0; length < 8; length++) {
    await writeFile(file, text.slice(0, Math.ceil((text.length * length) / 8)));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await writeFile(file, text);
  await waitFor('the new rules', 8_000, async () => (await world.ask(token())) === 'no_rule');
  t.deepEqual(world.events('configuration_refused'), []);
});
