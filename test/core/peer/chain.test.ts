import { readFileSync } from 'node:fs';
import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import type { PeerPolicy } from '../../../src/core/peer/verify-peer.ts';
import { createCa, type KeyType, urlEncodePem } from '../../support/ca.ts';
import {
  byFifth,
  byIssuing,
  byRoot,
  caOptions,
  fifth,
  foreign,
  foreignIssuing,
  fourth,
  issuing,
  leafOf,
  missing,
  nameless,
  nobody,
  oldRoot,
  oneBelow,
  root,
  second,
  sent,
  shallow,
  third,
  trusting,
  untrusted,
  verdict,
} from './chain-world.ts';
import { bundleOf, noon, notBefore, type Shown, verify } from './world.ts';

const noUsage = await root.intermediate(caOptions('CN=no usage', { keyUsage: null }));
const clients = await root.intermediate(caOptions('CN=clients', { extendedKeyUsage: ['clientAuth'] }));

const accepted: readonly [what: string, shown: Shown, change: Partial<PeerPolicy>][] = [
  ['a leaf of the root itself', sent(byRoot), trusting(root)],
  ['one of several authorities', sent(byRoot), trusting(foreign, oldRoot, root)],
  ['authorities of one name, told apart by key identifiers', sent(byRoot), trusting(foreign, root)],
  [
    'authorities of one name, told apart by the signature',
    sent(await leafOf(nameless, { keyIds: false })),
    trusting(root, nameless),
  ],
  ['one intermediate', sent(byIssuing, issuing), trusting(root)],
  ['the root sent along', sent(byIssuing, issuing, root), trusting(root)],
  ['an intermediate that is itself in the bundle', sent(byIssuing), trusting(issuing)],
  ['five intermediates', sent(byFifth, fifth, fourth, third, second, issuing), trusting(root)],
  [
    'them in another order (RFC 8446 §4.4.2)',
    sent(byFifth, second, issuing, fifth, third, fourth),
    trusting(root),
  ],
  ['one that nobody needs', sent(byIssuing, foreignIssuing, issuing), trusting(root)],
  ['the same one twice', sent(byIssuing, issuing, issuing), trusting(root)],
  ['an intermediate without keyUsage', sent(await leafOf(noUsage), noUsage), trusting(root)],
  ['an intermediate for clients', sent(await leafOf(clients), clients), trusting(root)],
  ['a path length that suffices', sent(await leafOf(oneBelow), oneBelow), trusting(root)],
  ['a path length of 0 and none between', sent(await leafOf(shallow)), trusting(shallow)],
  ['an expired authority beside a good one', sent(byRoot), trusting(oldRoot, root)],
];
for (const [what, shown, change] of accepted)
  test(`chain – accepts ${what} (RFC 5280 §6.1)`, (t) => {
    t.is(verdict(shown, change), undefined);
  });

for (const keyType of ['rsa2048', 'ec256', 'ec384', 'ed25519'] satisfies KeyType[])
  test(`chain – accepts what an authority signed, keys of type ${keyType} (RFC 5280 §6.1)`, async (t) => {
    const ca = await createCa(caOptions('O=root', { keyType }));
    const middle = await ca.intermediate(caOptions('CN=middle', { keyType }));
    t.is(verdict(sent(await leafOf(ca)), trusting(ca)), undefined);
    t.is(verdict(sent(await leafOf(middle), middle), trusting(ca)), undefined);
  });

test('chain – a leaf alone, without Chain, says what to configure', (t) => {
  const shown = { certificate: byIssuing.urlEncodedPem };
  t.deepEqual(verdict(shown, trusting(root)), untrusted(nobody('CN=issuing') + missing));
});

test('chain – a CA is judged by the clock of the check, and its clock skew', async (t) => {
  const ca = await createCa(
    caOptions('O=root', { notBefore: new Date(notBefore + 1000), notAfter: new Date(noon) }),
  );
  const shown = sent(await leafOf(ca));
  const at = (now: number, clockSkew: number) => verdict(shown, { ...trusting(ca), clockSkew }, now);
  t.deepEqual(at(notBefore + 999, 0), untrusted('"O=root" is not valid before 2026-01-01T00:00:01.000Z'));
  t.is(at(notBefore + 999, 1), undefined);
  t.is(at(notBefore + 1000, 0), undefined);
  t.is(at(noon - 1, 0), undefined);
  t.deepEqual(at(noon, 0), untrusted('"O=root" was valid until 2026-01-01T12:00:00.000Z'));
  t.is(at(noon, 1), undefined);
});

const recorded = (file: string) =>
  readFileSync(new URL(`../../fixtures/spire/${file}`, import.meta.url), 'utf8');
for (const bundle of ['bundle.pem', 'bundle.spiffe.json'])
  for (const leaf of ['oauthclient.pem', 'orders.pem'])
    test(`chain – SPIRE's ${leaf} chains to its ${bundle}, and to no other (recorded from SPIRE 1.16)`, (t) => {
      const shown = { certificate: urlEncodePem(recorded(leaf)) };
      const within = (pem: string) => ({ trustDomains: new Map([['democluster.internal', bundleOf(pem)]]) });
      const at = Date.UTC(2026, 10, 22, 16);
      t.false(verify(shown, within(recorded(bundle)), at) instanceof Denial);
      const denial = verify(shown, within(root.certPem), at);
      t.is(denial instanceof Denial && denial.reason, 'peer_chain_untrusted');
      const later = verify(shown, within(recorded(bundle)), Date.UTC(2026, 10, 22, 16, 31, 4));
      t.is(later instanceof Denial && later.reason, 'peer_certificate_expired');
    });
