import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { stringify } from 'yaml';
import { createSigner } from '../support/jwt-signer.ts';
import { anyBearer, goodClaims, inlineIssuer } from '../support/token-fixture.ts';
import { startReloadWorld, yaml } from './reload-world.ts';

const signer = createSigner('ES256');
const token = () => signer.sign(goodClaims({ exp: Date.now() / 1000 + 600, iat: undefined, nbf: undefined }));
const settings = { issuers: { corp: inlineIssuer([signer]) } };
const others = Array.from({ length: 1_000 }, (_, number) => ({
  name: `other-${number}`,
  match: { hosts: [`other-${number}.example.com`], paths: ['/orders/**'] },
  require: { scopes: ['read'] },
}));
const long = (more: object = {}) => yaml({ ...settings, rules: [...others, anyBearer], ...more });

test('reload – checks are answered while a long configuration is read', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': yaml({ ...settings, rules: [anyBearer] }) });
  const { version } = (await world.readyz()).configuration;
  await world.mount({ 'peerproof.yaml': long() });
  let isOver = false;
  const reload = world.reload().then(() => {
    isOver = true;
  });
  for (let check = 0; check < 5; check++) {
    t.is(await world.ask(token()), 'allowed');
    t.false(isOver);
    // What comes after the reading takes turns with checks in this process too, so an answer alone proves less.
    if (check === 0)
      t.true(process.getActiveResourcesInfo().includes('ProcessWrap'), 'another process reads');
  }
  await reload;
  t.not((await world.readyz()).configuration.version, version);
  t.is(await world.ask(token()), 'allowed');
});

test('reload – a long configuration is refused with the line and the key of each mistake', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': long() });
  const text = stringify({
    ...settings,
    rules: [...others, { name: 'x', requires: {} }, { name: 'y', mode: 'off' }],
  });
  await world.mount({ 'peerproof.yaml': text });
  await world.reload();
  const failure = world.events('configuration_refused').at(-1)?.failure ?? '';
  for (const mistake of [
    `rules[${others.length}].requires: is not a setting`,
    `rules[${others.length + 1}].mode: must be`,
  ]) {
    const line = failure.split('\n').find((one) => one.includes(mistake)) ?? '';
    const number = Number(/:(\d+):/.exec(line)?.[1]);
    t.regex(text.split('\n')[number - 1] ?? '', /requires|mode/, failure);
  }
  t.is(await world.ask(token()), 'allowed');
});

test('reload – a long shadow is read in the same way', async (t) => {
  const shadow = { shadow: { file: 'next.yaml' } };
  const world = await startReloadWorld(t, {
    'peerproof.yaml': long(),
    'next.yaml': yaml({ ...settings, rules: [] }),
  });
  const { version } = (await world.readyz()).configuration;
  await world.mount({ 'peerproof.yaml': long(shadow), 'next.yaml': long({ mode: 'observe' }) });
  await world.reload();
  const now = (await world.readyz()).configuration;
  t.not(now.version, version);
  t.is(now.refused, undefined);
});

test('reload – a long configuration that is gone is refused as a short one', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': long() });
  await rm(join(world.folder, 'peerproof.yaml'));
  await world.reload();
  t.regex(world.events('configuration_refused').at(-1)?.failure ?? '', /cannot be read \(ENOENT\)/);
  t.is(await world.ask(token()), 'allowed');
});

test.serial(
  'reload – where too little memory is left, a long configuration is read in the process itself',
  async (t) => {
    const world = await startReloadWorld(t, { 'peerproof.yaml': long() });
    const { version } = (await world.readyz()).configuration;
    const available = process.availableMemory;
    process.availableMemory = () => 1_000_000;
    t.teardown(() => {
      process.availableMemory = available;
    });
    await world.mount({ 'peerproof.yaml': long({ mode: 'observe' }) });
    await world.reload();
    t.not((await world.readyz()).configuration.version, version);
    await world.mount({ 'peerproof.yaml': `${long()}requires: {}\n` });
    await world.reload();
    t.regex(
      world.events('configuration_refused').at(-1)?.failure ?? '',
      /:[1-9]\d+: requires: is not a setting/,
    );
  },
);
