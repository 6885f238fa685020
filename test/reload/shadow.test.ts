import test from 'ava';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { goodClaims } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';
import { startReloadWorld, yaml } from './reload-world.ts';

const signer = createSigner('ES256');
const now = () => Math.floor(Date.now() / 1000);

/** Rules of the configuration and of its shadow, for one issuer on the network. */
async function startWorld(t: Parameters<typeof startReloadWorld>[0]) {
  const server = await startJwksServer({ signers: [signer] });
  t.teardown(() => server.stop());
  const corp = { issuer: server.issuer, jwksUri: server.jwksUri, audiences: ['orders'] };
  const rule = (require: object) => ({ name: 'any', require: { binding: ['none'], ...require } });
  const files = (scopes: readonly string[], shadow: object = { file: 'next.yaml' }) => ({
    'peerproof.yaml': yaml({ issuers: { corp }, rules: [rule({})], shadow }),
    'next.yaml': yaml({ issuers: { corp }, rules: [rule({ scopes })] }),
  });
  const world = await startReloadWorld(t, files(['orders.read']));
  const token = signer.sign(goodClaims({ iss: server.issuer, iat: now(), exp: now() + 300 }));
  const count = async (result: string) => {
    const found = new RegExp(`peerproof_shadow_checks_total\\{result="${result}"\\} (\\d+)`).exec(
      await world.metrics(),
    );
    return Number(found?.[1] ?? 0);
  };
  return { server, world, files, token, count };
}

test('shadow – judges live checks beside the configuration, without a fetch of its own', async (t) => {
  const { server, world, token, count } = await startWorld(t);
  t.is(await world.ask(token), 'allowed');
  await waitFor('the difference', 5_000, async () => world.events('shadow_difference').length === 1);
  t.like(world.events('shadow_difference')[0], { reason: 'allowed', shadow_reason: 'scope_missing' });
  t.is(await count('different'), 1);
  t.is(server.count(server.paths.jwks), 1);
  const unknown = createSigner('ES256');
  t.is(
    await world.ask(unknown.sign(goodClaims({ iss: server.issuer, exp: now() + 300 }))),
    'token_key_unknown',
  );
  await waitFor('the second check', 5_000, async () => (await count('skipped')) === 1);
});

test('shadow – an issuer of its own that hangs delays neither the start nor a check', async (t) => {
  const [good, hanging] = [await startJwksServer({ signers: [signer] }), await startJwksServer()];
  t.teardown(() => Promise.all([good.stop(), hanging.stop()]));
  hanging.behave(hanging.paths.jwks, { kind: 'hang' });
  const issuer = (server: typeof good) => ({
    ...{ issuer: server.issuer, jwksUri: server.jwksUri, audiences: ['orders'], timeout: '1h' },
  });
  const rules = [{ name: 'any', require: { binding: ['none'] } }];
  const world = await startReloadWorld(t, {
    'peerproof.yaml': yaml({ issuers: { corp: issuer(good) }, rules, shadow: { file: 'next.yaml' } }),
    'next.yaml': yaml({ issuers: { corp: issuer(hanging), other: issuer(good) }, rules }),
  });
  const claims = { iss: hanging.issuer, exp: now() + 300 };
  t.is(await world.ask(signer.sign(goodClaims(claims))), 'token_issuer_unknown');
  await waitFor('the check', 5_000, async () => /result="skipped"\} 1/.test(await world.metrics()));
});

test('shadow – a change of its file is applied, and an error in it is refused by its name', async (t) => {
  const { world, files, token, count } = await startWorld(t);
  await world.mount(files([]));
  await world.reload();
  t.is(world.events('configuration_loaded').length, 1);
  t.is(await world.ask(token), 'allowed');
  await waitFor('the check', 5_000, async () => (await count('same')) === 1);
  await world.mount({ ...files([]), 'next.yaml': 'rules: [{name: a, requires: {}}]' });
  await world.reload();
  t.regex(
    world.events('configuration_refused')[0]?.failure ?? '',
    /next\.yaml:1: rules\[0\]\.requires: is not a setting/,
  );
  t.is(await world.ask(token), 'allowed');
});
