import test from 'ava';
import { createSigner } from '../support/jwt-signer.ts';
import { anyBearer, goodClaims, inlineIssuer } from '../support/token-fixture.ts';
import { startReloadWorld, yaml } from './reload-world.ts';

const signer = createSigner('ES256');
const token = () => signer.sign(goodClaims({ exp: Date.now() / 1000 + 600, iat: undefined, nbf: undefined }));
const config = (log: object = {}) =>
  yaml({ issuers: { corp: inlineIssuer([signer]) }, rules: [anyBearer], log });

test('reload – each setting of the log applies without a restart, and a line names its configuration', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  const change = async (log: object) => {
    await world.mount({ 'peerproof.yaml': config(log) });
    await world.reload();
  };
  /** The lines of an allow and of a denial. */
  const linesOf = async () => {
    const before = world.lines.length;
    t.is(await world.ask(token()), 'allowed');
    t.is(await world.ask(), 'token_missing');
    return world.lines.slice(before).map((line): Record<string, unknown> => JSON.parse(line));
  };
  const versionNow = async () => (await world.readyz()).configuration.version;

  const [allow, deny] = await linesOf();
  const first = await versionNow();
  t.like(allow, { level: 30, reason: 'allowed', config_version: first, schema: 1 });
  t.like(deny, { level: 40, reason: 'token_missing', config_version: first });
  t.true(typeof allow?.node === 'string' && allow.node.length > 0);

  await change({ sample: 0 });
  const sampled = await linesOf();
  t.deepEqual(
    sampled.map(({ reason }) => reason),
    ['token_missing'],
  );
  t.not(sampled[0]?.config_version, first);
  t.is(sampled[0]?.config_version, await versionNow());

  await change({ omit: ['node'], level: 'error' });
  t.deepEqual(await linesOf(), []);

  await change({ format: 'ecs', omit: ['node'] });
  const loaded = JSON.parse(world.lines.at(-1) ?? '');
  t.is(loaded['event.action'], 'configuration_loaded');
  const [named] = await linesOf();
  t.like(named, { 'event.reason': 'allowed', 'peerproof.config_version': await versionNow() });
  t.false('service.node.name' in (named ?? {}));

  const metrics = await world.metrics();
  t.regex(metrics, /^peerproof_decisions_total\{effect="allow",reason="allowed".* 4$/m);
});

test('reload – lines beyond the bound are counted, and the check is answered all the same', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config({ maxLinesPerSecond: 1 }) });
  // How many of them are written depends on the machine, and the sum does not.
  for (let check = 0; check < 200; check++) t.is(await world.ask(token()), 'allowed');
  const written = world.lines.filter((line) => JSON.parse(line).effect !== undefined).length;
  const [, limited = ''] = /^peerproof_log_lines_limited_total (\d+)$/m.exec(await world.metrics()) ?? [];
  t.is(written + Number(limited), 200);
});
