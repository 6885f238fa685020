import test from 'ava';
import { createSigner } from '../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';
import { startReloadWorld, yaml } from './reload-world.ts';

const signer = createSigner('ES256');
const token = (sub: string) =>
  signer.sign(goodClaims({ sub, exp: Date.now() / 1000 + 600, iat: undefined, nbf: undefined }));
const entry = (value: string) =>
  `${JSON.stringify({ kind: 'subject', value, until: new Date(Date.now() + 600_000).toISOString() })}\n`;
const files = (list: string, name = 'all') => ({
  'peerproof.yaml': yaml({
    issuers: { corp: inlineIssuer([signer]) },
    revocation: { file: 'revocations.jsonl' },
    rules: [{ name, require: { binding: ['none'] } }],
  }),
  'revocations.jsonl': list,
});

test('broken revocations – what was read stays in force, and another change is applied', async (t) => {
  const world = await startReloadWorld(t, files(entry('mallory')));
  const both = async () => [await world.ask(token('alice')), await world.ask(token('mallory'))];
  await waitFor('the first look', 8_000, () => world.events('revocations_available').length === 1);
  t.deepEqual(await both(), ['allowed', 'token_revoked']);

  await world.mount(files('{"kind": '));
  await waitFor('the failure in the log', 8_000, () => world.events('revocations_unavailable').length === 1);
  await world.mount(files('{"kind": ', 'renamed'));
  await world.reload();
  t.is((await world.readyz()).configuration.refused, undefined);
  t.is(world.events('configuration_loaded').length, 1);
  t.deepEqual(await both(), ['allowed', 'token_revoked']);
});
