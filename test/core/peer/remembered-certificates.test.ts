import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import type { Certificate } from '../../../src/core/peer/certificate.ts';
import { Cache } from '../../../src/lib/cache.ts';
import { certs, element, ids, noon, notAfter, verify } from './world.ts';

const { client, foreign } = certs;
const shown = { certificate: client.urlEncodedPem };

test('remembered certificates – a certificate is read once, from any source (attacks 13)', (t) => {
  const memo = new Cache<Certificate>(8, () => 1);
  const first = verify(shown, {}, noon, memo);
  t.is(memo.size, 1);
  // Put another in its place: what comes out shows that the memory was asked.
  const known = memo.get(client.urlEncodedPem);
  t.is(known?.thumbprint, client.thumbprint);
  memo.set(client.urlEncodedPem, { ...(known as Certificate), thumbprint: 'from memory' });
  const again = verify(shown, {}, noon, memo);
  t.is(first instanceof Denial ? undefined : first?.thumbprint, client.thumbprint);
  t.is(again instanceof Denial ? undefined : again?.thumbprint, 'from memory');
  const viaXfcc = verify({ xfcc: `Cert="${client.urlEncodedPem}"` }, {}, noon, memo);
  t.is(viaXfcc instanceof Denial ? undefined : viaXfcc?.thumbprint, 'from memory');
});

test('remembered certificates – one that has expired since is refused (attacks 13)', (t) => {
  const memo = new Cache<Certificate>(8, () => 1);
  t.false(verify(shown, {}, notAfter - 1, memo) instanceof Denial);
  t.deepEqual(
    verify(shown, {}, notAfter, memo),
    new Denial('peer_certificate_expired', `valid until 2026-01-02T00:00:00.000Z; the peer is ${ids.client}`),
  );
});

test('remembered certificates – a trust domain is asked each time (attacks 13)', (t) => {
  const memo = new Cache<Certificate>(8, () => 1);
  const other = { certificate: foreign.urlEncodedPem };
  t.false(verify(other, { trustDomains: undefined }, noon, memo) instanceof Denial);
  t.deepEqual(
    verify(other, {}, noon, memo),
    new Denial('peer_trust_domain_not_allowed', `the peer is ${ids.foreign}`),
  );
});

test('remembered certificates – what cannot be read is not remembered (attacks 13, 17)', (t) => {
  const memo = new Cache<Certificate>(8, () => 1);
  for (let n = 0; n < 100; n++) verify({ certificate: `garbage ${n}` }, {}, noon, memo);
  verify({ xfcc: element(ids.client, { more: 'Cert="garbage";' }) }, {}, noon, memo);
  t.is(memo.size, 0);
});

test('remembered certificates – another text of the same certificate is read for itself (attacks 13)', (t) => {
  const memo = new Cache<Certificate>(8, () => 1);
  for (const certificate of [client.urlEncodedPem, encodeURIComponent(client.certPem), client.certPem]) {
    const peer = verify({ certificate }, {}, noon, memo);
    t.is(peer instanceof Denial ? undefined : peer?.thumbprint, client.thumbprint);
  }
  t.true(memo.size > 1);
});

test('remembered certificates – a cache of size 0 changes no answer (configuration: certificateMemory 0)', (t) => {
  const memo = new Cache<Certificate>(0, () => 1);
  for (let n = 0; n < 3; n++) {
    const peer = verify(shown, {}, noon, memo);
    t.is(peer instanceof Denial ? undefined : peer?.thumbprint, client.thumbprint);
  }
});
