import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createCa, type IssueOptions } from '../../support/ca.ts';
import { mutatedDer } from './mutate-der.ts';
import { mutatedBytes } from './mutate-text.ts';

/** Real certificates, of SPIRE and of the support CA with every key type, as the beginning of fuzzing. */
const recorded = ['spire/orders', 'spire/oauthclient', 'spire/bundle', 'spire-tokens/oauthclient'].map(
  (name) => new X509Certificate(readFileSync(new URL(`../../fixtures/${name}.pem`, import.meta.url))).raw,
);

const ca = await createCa({ pathLength: 3 });
const id = 'spiffe://cluster.local/ns/applications/sa/oauthclient';
const made: IssueOptions[] = [
  { uris: [id] },
  { uris: [id], keyType: 'rsa2048', subject: 'C=US, O=SPIRE', dns: ['a.example'], ips: ['10.0.0.1'] },
  { uris: [id, 'https://a.example/?b#c'], keyType: 'ed25519', keyUsage: null, extendedKeyUsage: null },
  { uris: [id], keyType: 'ec384', isCa: true, pathLength: 0 },
  { dns: ['only.example'], notAfter: new Date(Date.UTC(2055, 0, 1)) },
];
const issued = await Promise.all(made.map((options) => ca.issue(options)));

export const realCertificates: readonly Buffer[] = [...recorded, ...issued.map(({ der }) => der)];

/** Their elements changed, their bytes changed, or both. */
export const oddCertificates: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...realCertificates) },
  { weight: 6, arbitrary: mutatedDer(fc.constantFrom(...realCertificates)) },
  { weight: 2, arbitrary: mutatedBytes(fc.constantFrom(...realCertificates), { most: 3 }) },
  { weight: 1, arbitrary: mutatedBytes(mutatedDer(fc.constantFrom(...realCertificates)), { most: 1 }) },
);
