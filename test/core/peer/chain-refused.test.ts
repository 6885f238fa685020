import '../../support/reflect-metadata.ts';

import * as x509 from '@peculiar/x509';
import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import type { PeerPolicy } from '../../../src/core/peer/verify-peer.ts';
import { createCa } from '../../support/ca.ts';
import {
  byFifth,
  byIssuing,
  byRoot,
  caOptions,
  fifth,
  foreign,
  foreignIssuing,
  issuing,
  leafOf,
  nameless,
  nobody,
  oldRoot,
  oneBelow,
  past,
  root,
  second,
  selfSignedLeaf,
  sent,
  shallow,
  third,
  trusting,
  untrusted,
  verdict,
} from './chain-world.ts';
import { noon, type Shown } from './world.ts';

const future = { notBefore: new Date(noon + 1000) };
const expired = await root.intermediate(caOptions('CN=expired', past));
const early = await root.intermediate(caOptions('CN=early', future));
const underShallow = await shallow.intermediate(caOptions('CN=under'));
const belowOneBelow = await oneBelow.intermediate(caOptions('CN=two below'));
const notCa = await root.intermediate(caOptions('CN=no CA', { isCa: false, keyUsage: ['digitalSignature'] }));
const noSigning = await root.intermediate(caOptions('CN=no signing', { keyUsage: ['cRLSign'] }));
const elsewhere = await root.intermediate(caOptions('CN=elsewhere', { uris: ['spiffe://evil.example'] }));
const withPath = await root.intermediate(caOptions('CN=path', { uris: ['spiffe://cluster.local/ca'] }));
const servers = await root.intermediate(caOptions('CN=servers', { extendedKeyUsage: ['serverAuth'] }));
const odd = new x509.Extension('1.2.3.4', true, new Uint8Array([5, 0]));
const constraints = new x509.Extension('2.5.29.30', true, new Uint8Array([0x30, 0]));
const policies = new x509.Extension('2.5.29.36', false, new Uint8Array([0x30, 3, 0x80, 1, 0]));
const withPolicies = await root.intermediate(caOptions('CN=policies', { moreExtensions: [policies] }));
const constrained = await root.intermediate(caOptions('CN=constrained', { moreExtensions: [constraints] }));
const strange = await leafOf(root, { moreExtensions: [odd] });
const oldHash = await leafOf(root, { signatureHash: 'SHA-1' });
const selfSigned = await selfSignedLeaf();

const refused: readonly [what: string, shown: Shown, change: Partial<PeerPolicy>, denial: Denial][] = [
  [
    'a foreign CA with the same names',
    sent(await leafOf(foreign)),
    trusting(root),
    untrusted(nobody('O=root')),
  ],
  [
    'a foreign CA with the same names and no key identifiers',
    sent(await leafOf(nameless, { keyIds: false })),
    trusting(root),
    untrusted('the signature is not by "O=root", whose name it bears'),
  ],
  [
    'a foreign CA with all it has',
    sent(await leafOf(foreignIssuing), foreignIssuing, foreign),
    trusting(root),
    untrusted('the signature is not by "O=root", whose name it bears'),
  ],
  [
    'a foreign intermediate that bears the name of ours',
    sent(await leafOf(foreignIssuing), issuing),
    trusting(root),
    untrusted(nobody('CN=issuing')),
  ],
  ['an intermediate that is missing', sent(byIssuing), trusting(root), untrusted(nobody('CN=issuing'))],
  [
    'an intermediate that is missing in the middle',
    sent(byFifth, fifth, third, second, issuing),
    trusting(root),
    untrusted(nobody('CN=fourth')),
  ],
  [
    'an intermediate that is no CA',
    sent(await leafOf(notCa), notCa),
    trusting(root),
    untrusted('"CN=no CA" is not a CA'),
  ],
  [
    'an intermediate without keyCertSign',
    sent(await leafOf(noSigning), noSigning),
    trusting(root),
    untrusted('"CN=no signing" may not sign certificates'),
  ],
  [
    'another workload as intermediate',
    sent(byRoot, byRoot),
    trusting(foreign),
    untrusted('"C=US, O=SPIRE" is not a CA'),
  ],
  [
    'an expired intermediate',
    sent(await leafOf(expired), expired),
    trusting(root),
    untrusted('"CN=expired" was valid until 2026-01-01T11:59:59.000Z'),
  ],
  [
    'an intermediate of tomorrow',
    sent(await leafOf(early), early),
    trusting(root),
    untrusted('"CN=early" is not valid before 2026-01-01T12:00:01.000Z'),
  ],
  [
    'an expired authority',
    sent(await leafOf(oldRoot)),
    trusting(oldRoot),
    untrusted('"O=old" was valid until 2026-01-01T11:59:59.000Z'),
  ],
  [
    'a path length of the authority that is exceeded',
    sent(await leafOf(underShallow), underShallow),
    trusting(shallow),
    untrusted('"O=shallow" allows 0 CAs below it, and there are 1'),
  ],
  [
    'a path length of an intermediate that is exceeded',
    sent(await leafOf(belowOneBelow), belowOneBelow, oneBelow),
    trusting(root),
    untrusted('"CN=one below" allows 0 CAs below it, and there are 1'),
  ],
  [
    'an intermediate of another trust domain',
    sent(await leafOf(elsewhere), elsewhere),
    trusting(root),
    untrusted('"CN=elsewhere" is an intermediate of another trust domain'),
  ],
  [
    'an intermediate with the SPIFFE ID of a workload',
    sent(await leafOf(withPath), withPath),
    trusting(root),
    untrusted('"CN=path" is an intermediate of another trust domain'),
  ],
  [
    'an intermediate for servers only',
    sent(await leafOf(servers), servers),
    trusting(root),
    untrusted('"CN=servers" may not issue certificates of clients'),
  ],
  [
    'an intermediate with name constraints',
    sent(await leafOf(constrained), constrained),
    trusting(root),
    untrusted('"CN=constrained" has an extension that is not supported: 2.5.29.30'),
  ],
  [
    'an intermediate with policy constraints, though they are not critical',
    sent(await leafOf(withPolicies), withPolicies),
    trusting(root),
    untrusted('"CN=policies" has an extension that is not supported: 2.5.29.36'),
  ],
  [
    'a leaf with an unknown critical extension',
    sent(strange),
    trusting(root),
    new Denial('peer_certificate_unsuitable', 'it has an extension that is not supported: 1.2.3.4'),
  ],
  [
    'a signature over SHA-1',
    sent(oldHash),
    trusting(root),
    untrusted('the signature algorithm 1.2.840.10045.4.1 is not accepted'),
  ],
  ['a self-signed leaf', sent(selfSigned), trusting(root), untrusted(nobody('C=US, O=SPIRE'))],
  [
    'a self-signed leaf that sends a CA of ours along',
    sent(selfSigned, issuing, root),
    trusting(root),
    untrusted(nobody('C=US, O=SPIRE')),
  ],
];
for (const [what, shown, change, denial] of refused)
  test(`chain – refuses ${what} (RFC 5280 §6.1, X509-SVID §5)`, (t) => {
    t.deepEqual(verdict(shown, change), denial);
  });

test('chain – what it costs is bounded: five intermediates of one name, with an authority of theirs (attacks 17)', async (t) => {
  const same = caOptions('O=root', { keyIds: false });
  const crowd = await Promise.all(Array.from({ length: 5 }, () => nameless.intermediate(same)));
  const stranger = await createCa(same);
  const shown = sent(await leafOf(stranger, { keyIds: false }), ...crowd);
  t.deepEqual(
    verdict(shown, trusting(nameless)),
    untrusted('the signature is not by "O=root", whose name it bears'),
  );
});
