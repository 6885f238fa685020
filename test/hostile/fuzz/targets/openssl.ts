import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { type Certificate, parseDerCertificate } from '../../../../src/core/peer/certificate.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { type Target, target } from '../campaign.ts';
import { oddCertificates } from '../certificate-base.ts';

/** Whether there is an `openssl` to compare with. */
export const hasOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0;

const options = [
  'x509',
  '-inform',
  'DER',
  '-noout',
  '-dates',
  '-dateopt',
  'iso_8601',
  '-fingerprint',
  '-sha256',
];
const extensions = ['-ext', 'subjectAltName,basicConstraints,keyUsage,extendedKeyUsage'];

/** What openssl says of a certificate; undefined where it cannot read it. */
function openssl(der: Buffer): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const child = spawn('openssl', [...options, ...extensions], { stdio: ['pipe', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.once('error', reject);
  child.once('close', (code) => resolve(code === 0 ? Buffer.concat(chunks).toString('latin1') : undefined));
  // It may have seen enough before it has all.
  child.stdin.on('error', () => {});
  child.stdin.end(der);
  return promise;
}

/** The indented lines below the name of an extension. */
function extension(text: string, name: string): string | undefined {
  const at = text.indexOf(`X509v3 ${name}:`);
  if (at < 0) return undefined;
  const [, ...lines] = text.slice(at).split('\n');
  const own = lines.findIndex((line) => !line.startsWith('    '));
  return lines.slice(0, own < 0 ? undefined : own).join('\n');
}

async function readAlike(der: Buffer): Promise<string> {
  const certificate = parseDerCertificate(der);
  if (certificate instanceof Malformed) return 'malformed';
  const text = await openssl(der);
  assert.ok(text !== undefined, 'openssl cannot read it');
  compare(certificate, text);
  return 'read alike';
}

function compare(certificate: Certificate, text: string): void {
  const { notBefore, notAfter, thumbprint, uris, isCa, keyUsage, extendedKeyUsage, pathLength } = certificate;
  const field = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  assert.equal(notBefore, Date.parse(field('notBefore').replace(' ', 'T')), field('notBefore'));
  assert.equal(notAfter, Date.parse(field('notAfter').replace(' ', 'T')), field('notAfter'));
  const fingerprint = Buffer.from(field('sha256 Fingerprint').replaceAll(':', ''), 'hex');
  assert.equal(thumbprint, fingerprint.toString('base64url'));

  // A name with anything else in it is shown as a dump of bytes.
  if (uris.every((uri) => /^[\w:/.#?=~*-]+$/.test(uri))) {
    const names = extension(text, 'Subject Alternative Name') ?? '';
    assert.deepEqual(
      [...names.matchAll(/URI:([^,\n]*)/g)].map(([, uri]) => uri),
      uris,
    );
  }

  const basics = extension(text, 'Basic Constraints') ?? '';
  assert.equal(isCa, basics.includes('CA:TRUE'), basics);
  assert.equal(String(pathLength), String(/pathlen:(-?\d+)/.exec(basics)?.[1]), basics);

  const usage = extension(text, 'Key Usage');
  assert.equal(keyUsage === undefined, usage === undefined, `${usage}`);
  const { keyCertSign = false, cRLSign = false, digitalSignature = false } = keyUsage ?? {};
  for (const [read, said] of [
    [keyCertSign, 'Certificate Sign'],
    [cRLSign, 'CRL Sign'],
    [digitalSignature, 'Digital Signature'],
  ] as const)
    assert.equal(read, usage?.includes(said) ?? false, `${usage}`);

  const purposes = extension(text, 'Extended Key Usage');
  assert.equal(extendedKeyUsage === undefined, purposes === undefined, `${purposes}`);
  const forClients = extendedKeyUsage?.includes('clientAuth') ?? false;
  assert.equal(forClients, purposes?.includes('TLS Web Client Authentication') ?? false, `${purposes}`);
}

export const opensslTarget: Target = target<Buffer>({
  name: 'certificate-openssl',
  inputs: oddCertificates,
  hold: readAlike,
  reaches: ['malformed', 'read alike'],
  // A process of its own each.
  within: 1_000,
});
