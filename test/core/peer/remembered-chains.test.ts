import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { Authorities, type Bundle } from '../../../src/core/peer/bundle.ts';
import { type Certificate, parseCertificate } from '../../../src/core/peer/certificate.ts';
import { Cache } from '../../../src/lib/cache.ts';
import { type Ca, createCa, urlEncodePem } from '../../support/ca.ts';
import { keptByEach } from '../../support/heap.ts';
import {
  byIssuing,
  byRoot,
  caOptions,
  chainOf,
  forwarded,
  issuing,
  leafOf,
  missing,
  nobody,
  root,
  sent,
  trusting,
  untrusted,
} from './chain-world.ts';
import { noon, type Shown, verify } from './world.ts';

const known = trusting(root);
const rotated = await leafOf(issuing);
const shortLived = await root.intermediate(caOptions('CN=short', { notAfter: new Date(noon + 60_000) }));
const byShort = await leafOf(shortLived);
const ambiguous = new Denial('peer_forwarded_ambiguous', 'Chain does not begin with the certificate itself');

/** A bundle that counts how often its authorities are looked at. */
function counting(ca: Ca) {
  let looks = 0;
  const inner = trusting(ca).trustDomains.get('cluster.local')?.current(noon) as Authorities;
  const list = new Proxy(inner.list, {
    get(target, key, receiver) {
      if (key === Symbol.iterator) looks++;
      return Reflect.get(target, key, receiver);
    },
  });
  const authorities = new Authorities(list);
  const bundle: Bundle = { current: () => authorities };
  return { change: { trustDomains: new Map([['cluster.local', bundle]]) }, looks: () => looks };
}

test('remembered chains – a certificate that is known costs no signature, whatever its Chain is encoded like (attacks 13)', (t) => {
  const { change, looks } = counting(root);
  const memo = new Cache<Certificate>(8, () => 1);
  for (let n = 0; n < 3; n++) t.false(verify(sent(byIssuing, issuing), change, noon, memo) instanceof Denial);
  // Once for the leaf alone, twice for the chain: from the leaf, and from the intermediate.
  t.is(looks(), 3);
});

test('remembered chains – what is known is forgotten with the certificate, and with the bundle (attacks 13)', (t) => {
  const memo = new Cache<Certificate>(8, () => 1);
  t.false(verify(sent(byRoot), known, noon, memo) instanceof Denial);
  const denial = verify(sent(byRoot), trusting(issuing), noon, memo);
  t.is(denial instanceof Denial && denial.reason, 'peer_chain_untrusted');
  const { change, looks } = counting(root);
  for (let n = 0; n < 3; n++) verify(sent(byRoot), change, noon, new Cache(0, () => 1));
  t.is(looks(), 3);
});

test('remembered chains – a refused Chain is not kept, however many certificates came with one', (t) => {
  const certificate = parseCertificate(byIssuing.urlEncodedPem) as Certificate;
  const leaves = Array.from({ length: 401 }, () => ({ ...certificate }));
  const bundle = trusting(root).trustDomains.get('cluster.local') as Bundle;
  const authorities = bundle.current(noon);
  const terms = { trustDomain: 'cluster.local', now: noon, clockSkew: 0 };
  const kept = keptByEach(400, (n) => {
    const chain = `${byIssuing.urlEncodedPem}${n}${'x'.repeat(50_000)}`;
    const denial = authorities.check(leaves[n] ?? certificate, chain, terms);
    t.true(denial instanceof Denial);
  });
  t.true(kept < 5_000, `${kept} bytes of heap for each certificate`);
  // Until here the certificates are alive, and with them what is kept of each.
  t.is(leaves.length, 401);
});

test('remembered chains – a replaced chain is used from the next check on (attacks 13)', async (t) => {
  const memo = new Cache<Certificate>(8, () => 1);
  const next = await createCa(caOptions('O=next'));
  let current = trusting(root).trustDomains.get('cluster.local') as Bundle;
  const bundle: Bundle = { current: (now) => current.current(now) };
  const change = { trustDomains: new Map([['cluster.local', bundle]]) };
  const ask = () => {
    const peer = verify(sent(byIssuing, issuing), change, noon, memo);
    return peer instanceof Denial ? peer.reason : undefined;
  };
  t.is(ask(), undefined);
  current = trusting(next).trustDomains.get('cluster.local') as Bundle;
  t.is(ask(), 'peer_chain_untrusted');
  current = trusting(next, root).trustDomains.get('cluster.local') as Bundle;
  t.is(ask(), undefined);
});

test('remembered chains – a chain that is known ends with the first of its CAs (attacks 13)', async (t) => {
  const memo = new Cache<Certificate>(8, () => 1);
  const ask = (now: number, shown = sent(byShort, shortLived)) => verify(shown, known, now, memo);
  t.false(ask(noon) instanceof Denial);
  t.false(ask(noon + 59_999) instanceof Denial);
  t.deepEqual(ask(noon + 60_000), untrusted('"CN=short" was valid until 2026-01-01T12:01:00.000Z'));
  t.false(ask(noon) instanceof Denial, 'and begins anew where the clock was wrong');
});

test('remembered chains – a proven chain does not help a check that sends less (attacks 13)', (t) => {
  const memo = new Cache<Certificate>(8, () => 1);
  const ask = (shown: Shown) => verify(shown, known, noon, memo);
  t.false(ask(sent(byIssuing, issuing)) instanceof Denial);
  t.deepEqual(ask(forwarded(byIssuing)), untrusted(`${nobody('CN=issuing')}${missing}`));
  t.deepEqual(ask(forwarded(byIssuing, chainOf(rotated, issuing))), ambiguous);
  t.false(ask(sent(byIssuing, issuing)) instanceof Denial);
  t.false(
    ask(forwarded(byIssuing, urlEncodePem(byIssuing.certPem + issuing.certPem + root.certPem))) instanceof
      Denial,
  );
});
