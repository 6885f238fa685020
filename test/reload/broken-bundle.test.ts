import test from 'ava';
import { createCa } from '../support/ca.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';
import { startReloadWorld, yaml } from './reload-world.ts';

const signer = createSigner('ES256');
const [one, two, partner] = [await createCa(), await createCa(), await createCa({ name: 'O=partner' })];
const workload = (domain: string) => `spiffe://${domain}/ns/applications/sa/shop`;
const token = () => signer.sign(goodClaims({ exp: Date.now() / 1000 + 600, iat: undefined, nbf: undefined }));

const config = (more: object = {}) =>
  yaml({
    issuers: { corp: inlineIssuer([signer]) },
    peers: {
      trustDomains: {
        'cluster.local': { bundle: 'own.pem' },
        'partner.example': { bundle: 'partner.pem', ...more },
      },
    },
    rules: [
      {
        name: 'all',
        require: { binding: ['none'], peers: ['cluster.local', 'partner.example'].map(workload) },
      },
    ],
  });
const files = (bundle: string, more?: object, own = one.certPem) => ({
  'peerproof.yaml': config(more),
  'own.pem': own,
  'partner.pem': bundle,
});
const header = ({ urlEncodedPem }: { urlEncodedPem: string }) => ({
  'x-forwarded-client-cert': `Cert="${urlEncodedPem}"`,
});

for (const [what, broken] of [
  ['half-written', partner.certPem.slice(0, 300)],
  ['empty, as of a ClusterTrustBundle that is optional and missing', ''],
  ['of 10 MB', partner.certPem.repeat(20_000)],
  ['with a private key', partner.certPem + partner.keyPem],
  ['of another trust domain', (await createCa({ uris: ['spiffe://cluster.local'] })).certPem],
] as const)
  test(`broken bundle – ${what}: its last good form stays, and the other trust domain never notices`, async (t) => {
    const world = await startReloadWorld(t, files(partner.certPem));
    const [shop, theirs] = [
      header(await one.svid(workload('cluster.local'))),
      header(await partner.svid(workload('partner.example'))),
    ];
    const both = async () => [await world.ask(token(), shop), await world.ask(token(), theirs)];
    t.deepEqual(await both(), ['allowed', 'allowed']);

    await world.mount(files(broken));
    await waitFor('the failure in the log', 8_000, () => world.events('bundle_unavailable').length === 1);
    t.deepEqual(await both(), ['allowed', 'allowed']);
    const metrics = await world.metrics();
    t.regex(metrics, /^peerproof_bundle_up\{trust_domain="partner\.example"\} 0$/m);
    t.regex(metrics, /^peerproof_bundle_up\{trust_domain="cluster\.local"\} 1$/m);

    // Another change of the configuration is applied all the same, also one of this trust domain.
    await world.mount(files(broken, { timeout: '3s' }, two.certPem));
    await world.reload();
    t.is((await world.readyz()).configuration.refused, undefined);
    t.is(world.events('configuration_loaded').length, 1);
    t.is(await world.ask(token(), theirs), 'allowed');
    const rotated = header(await two.svid(workload('cluster.local')));
    await waitFor(
      'the rotated authority',
      8_000,
      async () => (await world.ask(token(), rotated)) === 'allowed',
    );
    t.is(await world.ask(token(), shop), 'peer_chain_untrusted');

    await world.mount(files(two.certPem, { timeout: '3s' }, two.certPem));
    await waitFor('the mended one', 8_000, () => world.events('bundle_available').length === 1);
    t.is(await world.ask(token(), theirs), 'peer_chain_untrusted');
  });

test('broken bundle – what was rotated away does not come back while the file is broken', async (t) => {
  const world = await startReloadWorld(t, files(partner.certPem));
  const old = header(await partner.svid(workload('partner.example')));
  await world.mount(files(two.certPem));
  await waitFor(
    'the rotation',
    8_000,
    async () => (await world.ask(token(), old)) === 'peer_chain_untrusted',
  );
  await world.mount(files('', { timeout: '3s' }));
  await world.reload();
  t.is(world.events('configuration_loaded').length, 1);
  t.is(await world.ask(token(), old), 'peer_chain_untrusted');
});

test('broken bundle – a file that was never good is refused by its name', async (t) => {
  const world = await startReloadWorld(t, files(partner.certPem));
  await world.mount({
    ...files(partner.certPem),
    'peerproof.yaml': config().replace('partner.pem', 'absent.pem'),
  });
  await world.reload();
  t.regex(
    (await world.readyz()).configuration.refused ?? '',
    /bundle.*absent\.pem cannot be read \(ENOENT\)/,
  );
});
