import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createCa } from '../support/ca.ts';
import { createCheckWorld } from '../support/check-world.ts';
import { problemsOf } from '../support/config-problems.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../support/token-fixture.ts';
import { SHOP, TRUST_DOMAIN } from '../support/workload-fixture.ts';

/** A trust domain with a bundle, from the configuration to the answer. */

const directory = mkdtempSync(join(tmpdir(), 'peerproof-bundle-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};

const signer = createSigner('ES256');
const own = await createCa({ name: 'mesh' });
const foreign = await createCa({ name: 'mesh' });
test.after.always(() => rmSync(directory, { recursive: true }));
const validity = { notBefore: new Date(Date.UTC(2029, 0)), notAfter: new Date(Date.UTC(2031, 0)) };

test('trust bundle – a peer of its authorities passes, one of another authority with the same names does not', async (t) => {
  const ca = await createCa({ name: 'mesh', ...validity });
  const stranger = await createCa({ name: 'mesh', ...validity });
  const world = await createCheckWorld({
    issuers: { corp: inlineIssuer([signer]) },
    peers: { trustDomains: { [TRUST_DOMAIN]: { bundle: file('bundle.pem', ca.certPem) } } },
    rules: [{ name: 'only', require: { binding: ['none'], peers: [SHOP] } }],
  });
  t.teardown(() => world.stop());
  const token = signer.sign(goodClaims());
  isAllowed(t, await world.check({ token, certificate: await ca.svid(SHOP, validity) }));
  const forged = await stranger.svid(SHOP, validity);
  isRefused(t, await world.check({ token, certificate: forged }), 'peer_chain_untrusted');
  isRefused(t, await world.check({ token, principal: SHOP }), 'peer_chain_untrusted', {
    title: 'a name without a certificate',
  });
});

test('trust bundle – a file without authorities is a problem at its line', async (t) => {
  const leaf = await own.svid(SHOP);
  for (const [name, text] of [
    ['empty.pem', ''],
    ['leaf.pem', leaf.certPem],
  ] as const) {
    const bundle = file(name, text);
    const problems = problemsOf(
      `peers:\n  trustDomains:\n    cluster.local:\n      bundle: ${bundle}\nrules: [{name: a, public: true}]\n`,
    );
    t.deepEqual(
      problems.map(({ line, key }) => [line, key]),
      [[4, 'peers.trustDomains.cluster.local.bundle']],
      name,
    );
  }
});

test('trust bundle – a file and an endpoint exclude each other', (t) => {
  const bundle = file('foreign.pem', foreign.certPem);
  const problems = problemsOf(
    `peers: {trustDomains: {cluster.local: {bundle: ${bundle}, bundleEndpoint: "https://a.example"}}}\nrules: [{name: a, public: true}]\n`,
  );
  t.regex(problems[0]?.message ?? '', /cannot be combined with bundle: keep one of them/);
});
