import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { type Issued, urlEncodePem } from '../support/ca.ts';
import { createCheckWorld, type Presented } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../support/token-fixture.ts';
import { SHOP, TRUST_DOMAIN } from '../support/workload-fixture.ts';

/**
 * Pod Certificates of Kubernetes (KEP-4317), made by Go's crypto/x509 with the templates of their signers: those of the
 * example signer (`spiffe`) and of Kubernetes' own tests (`hermetic-chain`) name a SPIFFE ID, and that of the KEP for
 * `kubernetes.io/kube-apiserver-client-pod` has the extension PodIdentity and no name (`pod-identity`). All subjects and
 * issuers are empty, and no certificate has the key identifier of its issuer.
 */
const folder = new URL('../fixtures/pod-certificates/', import.meta.url);
const read = (name: string) => readFileSync(new URL(`${name}.pem`, folder), 'utf8');

const signer = createSigner('ES256');
const account = { namespace: 'applications', serviceaccount: { name: 'shop', uid: '1' } };
const ofAccount = { sub: 'system:serviceaccount:applications:shop', 'kubernetes.io': account };
const token = signer.sign(goodClaims(ofAccount));

function presented(name: string): Issued {
  const certPem = read(name).split(/(?<=-----END CERTIFICATE-----\n)/)[0] ?? '';
  const der = Buffer.from(certPem.replace(/-----.*-----|\s/g, ''), 'base64');
  const hash = createHash('sha256').update(der).digest();
  return {
    ...{ certPem, der, keyPem: '', urlEncodedPem: urlEncodePem(certPem) },
    ...{ thumbprint: hash.toString('base64url'), sha256Hex: hash.toString('hex') },
  };
}

/** What a proxy sends that forwards the certificate and what came with it. */
function forwarded(name: string): Presented {
  const { sha256Hex, urlEncodedPem } = presented(name);
  const element = `Hash=${sha256Hex};Cert="${urlEncodedPem}";Chain="${urlEncodePem(read(name))}";Subject="";URI=${SHOP}`;
  return { headers: { 'x-forwarded-client-cert': element } };
}

const worldOf = (binding: 'workload' | 'certificate') =>
  createCheckWorld({
    issuers: { cluster: { ...inlineIssuer([signer]), accept: 'service-account' } },
    peers: { trustDomains: { [TRUST_DOMAIN]: { bundle: new URL('root.pem', folder).pathname } } },
    rules: [{ name: 'only', require: { binding: [binding] } }],
  });

test('Pod Certificate – with a SPIFFE ID it is the workload of the ServiceAccount token', async (t) => {
  const world = await worldOf('workload');
  t.teardown(() => world.stop());
  const answer = await world.check({ token, certificate: presented('spiffe') });
  isAllowed(t, answer);
  t.is(answer.decision.found.boundBy, 'workload');
  t.is(answer.decision.found.peer?.spiffeId?.uri, SHOP);
  const other = { ...ofAccount, sub: 'system:serviceaccount:applications:till' };
  other['kubernetes.io'] = { ...account, serviceaccount: { name: 'till', uid: '2' } };
  const stolen = signer.sign(goodClaims(other));
  isRefused(
    t,
    await world.check({ token: stolen, certificate: presented('spiffe') }),
    'binding_workload_mismatch',
  );
});

test('Pod Certificate – of an intermediate: it needs the chain, and passes with it', async (t) => {
  const world = await worldOf('workload');
  t.teardown(() => world.stop());
  isAllowed(t, await world.check({ token, ...forwarded('hermetic-chain') }));
  const alone = await world.check({ token, certificate: presented('hermetic-chain') });
  isRefused(t, alone, 'peer_chain_untrusted');
});

test('Pod Certificate – with the extension PodIdentity alone it has no name, but a thumbprint', async (t) => {
  const certificate = presented('pod-identity');
  const byName = await worldOf('workload');
  t.teardown(() => byName.stop());
  const answer = await byName.check({ token, certificate });
  isRefused(t, answer, 'binding_peer_missing');
  t.regex(
    ('detail' in answer.decision && answer.decision.detail) || '',
    /^the certificate that the proxy sent does not hold a SPIFFE ID; /,
  );

  const byThumbprint = await worldOf('certificate');
  t.teardown(() => byThumbprint.stop());
  const bound = signer.sign(goodClaims({ ...ofAccount, cnf: { 'x5t#S256': certificate.thumbprint } }));
  isAllowed(t, await byThumbprint.check({ token: bound, certificate }));
  const another = await byThumbprint.check({ token: bound, certificate: presented('spiffe') });
  isRefused(t, another, 'binding_certificate_mismatch');
});

test('Pod Certificate – after a day it has expired', async (t) => {
  const world = await worldOf('workload');
  t.teardown(() => world.stop());
  world.clock.now += 86_400_000;
  isRefused(t, await world.check({ token, certificate: presented('spiffe') }), 'peer_certificate_expired');
});
