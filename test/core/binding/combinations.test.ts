import test from 'ava';
import { type BindingName, bindingNames } from '../../../src/core/binding/bind.ts';
import { type CheckWorld, createCheckWorld, type Presented } from '../../support/check-world.ts';
import { type expectedRefusals, isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../../support/token-fixture.ts';
import { createWorkloads, SHOP, TILL, TRUST_DOMAIN, xfccOf } from '../../support/workload-fixture.ts';

const signer = createSigner('ES256');
const { shop, shopRotated, till, foreign, nameless } = await createWorkloads();

const tokens: Record<string, Record<string, unknown>> = {
  plain: {},
  bound: { cnf: { 'x5t#S256': shop.thumbprint } },
  subject: { sub: SHOP },
  client: { client_id: 'shop' },
  'bound subject': { sub: SHOP, cnf: { 'x5t#S256': shop.thumbprint } },
  'bound client': { client_id: 'shop', cnf: { 'x5t#S256': shop.thumbprint } },
};
const peers: Record<string, Presented> = {
  nobody: {},
  'the certificate': { certificate: shop },
  'its hash (XFCC)': { headers: { 'x-forwarded-client-cert': xfccOf(shop, SHOP) } },
  'the rotated one': { certificate: shopRotated },
  'the name alone': { principal: SHOP },
  'another workload': { certificate: till },
  "another workload's name": { principal: TILL },
  'a certificate without a name': { certificate: nameless },
};

type Expected = BindingName | keyof typeof expectedRefusals;
const missing = 'binding_missing';
const nobody = 'binding_peer_missing';
const wrongCert = 'binding_certificate_mismatch';
const wrongName = 'binding_workload_mismatch';
const unproven = 'confirmation_unproven';

/** Token, accepted proofs, then what comes of it for each peer in the order of `peers`. */
const table: [token: string, proofs: BindingName[], expected: Expected[]][] = [
  ['plain', ['certificate'], [missing, missing, missing, missing, missing, missing, missing, missing]],
  ['plain', ['workload'], [missing, missing, missing, missing, missing, missing, missing, missing]],
  [
    'plain',
    ['certificate', 'workload'],
    [missing, missing, missing, missing, missing, missing, missing, missing],
  ],
  ['plain', ['none'], ['none', 'none', 'none', 'none', 'none', 'none', 'none', 'none']],
  [
    'bound',
    ['certificate'],
    [nobody, 'certificate', 'certificate', wrongCert, wrongCert, wrongCert, wrongCert, wrongCert],
  ],
  ['bound', ['workload'], [missing, missing, missing, missing, missing, missing, missing, missing]],
  ['bound', ['none'], [unproven, unproven, unproven, unproven, unproven, unproven, unproven, unproven]],
  [
    'bound',
    ['certificate', 'none'],
    [nobody, 'certificate', 'certificate', wrongCert, wrongCert, wrongCert, wrongCert, wrongCert],
  ],
  [
    'bound',
    ['none', 'certificate'],
    [nobody, 'certificate', 'certificate', wrongCert, wrongCert, wrongCert, wrongCert, wrongCert],
  ],
  ['subject', ['certificate'], [missing, missing, missing, missing, missing, missing, missing, missing]],
  [
    'subject',
    ['workload'],
    [nobody, 'workload', 'workload', 'workload', 'workload', wrongName, wrongName, nobody],
  ],
  ['subject', ['none'], ['none', 'none', 'none', 'none', 'none', 'none', 'none', 'none']],
  [
    'client',
    ['workload'],
    [nobody, 'workload', 'workload', 'workload', 'workload', wrongName, wrongName, nobody],
  ],
  [
    'client',
    ['certificate', 'workload'],
    [nobody, 'workload', 'workload', 'workload', 'workload', wrongName, wrongName, nobody],
  ],
  [
    'client',
    ['workload', 'none'],
    ['none', 'workload', 'workload', 'workload', 'workload', 'none', 'none', 'none'],
  ],
  [
    'bound subject',
    ['certificate'],
    [nobody, 'certificate', 'certificate', wrongCert, wrongCert, wrongCert, wrongCert, wrongCert],
  ],
  [
    'bound subject',
    ['workload'],
    [nobody, 'workload', 'workload', 'workload', 'workload', wrongName, wrongName, nobody],
  ],
  [
    'bound subject',
    ['none'],
    [unproven, unproven, unproven, unproven, unproven, unproven, unproven, unproven],
  ],
  [
    'bound subject',
    ['certificate', 'workload'],
    [nobody, 'certificate', 'certificate', 'workload', 'workload', wrongCert, wrongCert, wrongCert],
  ],
  [
    'bound client',
    ['certificate', 'workload'],
    [nobody, 'certificate', 'certificate', 'workload', 'workload', wrongCert, wrongCert, wrongCert],
  ],
  [
    'bound client',
    ['workload', 'certificate'],
    [nobody, 'workload', 'workload', 'workload', 'workload', wrongName, wrongName, wrongCert],
  ],
  [
    'bound client',
    ['workload', 'certificate', 'none'],
    [nobody, 'workload', 'workload', 'workload', 'workload', wrongName, wrongName, wrongCert],
  ],
];

function isBinding(wanted: Expected): wanted is BindingName {
  return (bindingNames as readonly string[]).includes(wanted);
}

const worlds = new Map<string, CheckWorld>();
async function worldOf(binding: BindingName[]): Promise<CheckWorld> {
  const known = worlds.get(binding.join());
  if (known) return known;
  const world = await createCheckWorld({
    issuers: { corp: inlineIssuer([signer]) },
    peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
    clients: { shop: [SHOP] },
    rules: [{ name: 'only', require: { binding } }],
  });
  worlds.set(binding.join(), world);
  return world;
}

for (const [token, proofs, expected] of table)
  test(`binding ${proofs.join(', ')} – a ${token} token from each peer (RFC 8705 §3)`, async (t) => {
    const world = await worldOf(proofs);
    t.is(expected.length, Object.keys(peers).length);
    for (const [index, [title, peer]] of Object.entries(peers).entries()) {
      const answer = await world.check({ ...peer, token: signer.sign(goodClaims(tokens[token])) });
      const wanted = expected[index] as Expected;
      if (isBinding(wanted)) {
        isAllowed(t, answer, title);
        t.is(answer.decision.found.boundBy, wanted, title);
      } else isRefused(t, answer, wanted, { title });
    }
  });

test('binding – a peer of another trust domain is refused before its token is looked at', async (t) => {
  for (const proofs of [['workload'], ['none']] satisfies BindingName[][]) {
    const world = await worldOf(proofs);
    const answer = await world.check({ certificate: foreign, token: signer.sign(goodClaims()) });
    isRefused(t, answer, 'peer_trust_domain_not_allowed');
    t.is(answer.decision.found.token, undefined);
  }
});

test('binding – a rule without any list demands a proof: certificate, and workload where names are believed', async (t) => {
  const base = { issuers: { corp: inlineIssuer([signer]) }, rules: [{ name: 'default' }] };
  const without = await createCheckWorld(base);
  const named = await createCheckWorld({ ...base, peers: { trustDomains: { [TRUST_DOMAIN]: {} } } });
  const sign = (token: string) => signer.sign(goodClaims(tokens[token]));
  for (const world of [without, named]) {
    isRefused(t, await world.check({ token: sign('plain'), certificate: shop }), missing);
    isAllowed(t, await world.check({ token: sign('bound'), certificate: shop }));
    isRefused(t, await world.check({ token: sign('bound'), certificate: till }), wrongCert);
  }
  isRefused(t, await without.check({ token: sign('subject'), certificate: shop }), missing);
  isAllowed(t, await named.check({ token: sign('subject'), certificate: shop }));
});
