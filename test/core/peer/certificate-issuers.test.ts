import { readFileSync } from 'node:fs';
import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { parseCertificate } from '../../../src/core/peer/certificate.ts';
import { candidateFromCertificate } from '../../../src/core/peer/peer-candidate.ts';
import { type IssueOptions, type KeyType, urlEncodePem } from '../../support/ca.ts';
import { ids, issue } from './world.ts';

/** What those issue who issue certificates to workloads: nothing of it may be refused. */

const recorded = (file: string) =>
  readFileSync(new URL(`../../fixtures/spire/${file}`, import.meta.url), 'utf8');

for (const file of ['orders.pem', 'oauthclient.pem'])
  test(`certificates of SPIRE – ${file} names its workload (recorded from SPIRE 1.16)`, (t) => {
    const sender = candidateFromCertificate(parseCertificate(urlEncodePem(recorded(file))));
    if (sender instanceof Denial) return t.fail(sender.detail);
    t.is(sender.spiffeId?.trustDomain, 'democluster.internal');
  });

/** Shapes by the source of each issuer: `genCertTemplateFromCSR`, `generateRequest`, `BuildKeyUsages`. */
const shapes: Readonly<Record<string, IssueOptions>> = {
  'Istio: no subject, so a critical SAN': {
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    keyIds: false,
  },
  'cert-manager’s csi-driver-spiffe': { keyUsage: ['digitalSignature', 'keyEncipherment'] },
  'cert-manager with the default usages: no extKeyUsage': {
    subject: 'CN=orders',
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: null,
  },
  'cert-manager with client auth alone': { keyUsage: ['digitalSignature'], extendedKeyUsage: ['clientAuth'] },
};
const keyTypes: readonly KeyType[] = ['rsa2048', 'ec256', 'ec384', 'ed25519'];
for (const [what, shape] of Object.entries(shapes))
  test(`certificates of ${what} – name their workload with each kind of key`, async (t) => {
    for (const keyType of keyTypes) {
      const leaf = await issue({ uris: [ids.client], ...shape, keyType });
      const sender = candidateFromCertificate(parseCertificate(leaf.urlEncodedPem));
      t.is(sender instanceof Denial ? sender.detail : sender.spiffeId?.uri, ids.client, keyType);
    }
  });
