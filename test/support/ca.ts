import './reflect-metadata.ts';

import { createHash, type KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { ipAddressName, subjectAlternativeName, textName } from './subject-alternative-name.ts';

/** The kinds of key a certificate may carry. */
export type KeyType = 'ec256' | 'ec384' | 'rsa2048' | 'ed25519';

/** A key usage bit by its name in RFC 5280 §4.2.1.3. */
export type KeyUsage = keyof typeof x509.KeyUsageFlags;

/** What a certificate says. Everything has a default that makes an ordinary mTLS leaf. */
export interface IssueOptions {
  /** URI SANs, written as Latin-1 bytes, so NUL, `;URI=` or a comma go in exactly as given. */
  uris?: string[];
  /** URI SANs from raw bytes, for what a string cannot say. */
  rawUris?: Uint8Array[];
  dns?: string[];
  /** IPv4 addresses. */
  ips?: string[];
  /** Distinguished name such as `C=US, O=SPIRE`; empty by default, as Istio's workload certificates have it. */
  subject?: string;
  keyType?: KeyType;
  /** A key of a kind that `keyType` has no name for. The private key that is handed out is then not the one to it. */
  publicKey?: KeyObject;
  notBefore?: Date;
  notAfter?: Date;
  isCa?: boolean;
  /** pathLenConstraint of basicConstraints. */
  pathLength?: number;
  /** False leaves out the identifiers of the issuer's and of its own key. */
  keyIds?: boolean;
  /** What its issuer hashes before it signs; SHA-2 by default. */
  signatureHash?: 'SHA-1';
  /** Beside the usual ones. */
  moreExtensions?: x509.Extension[];
  /** Null leaves the extension out. */
  keyUsage?: KeyUsage[] | null;
  /** Null leaves the extension out. */
  extendedKeyUsage?: ('serverAuth' | 'clientAuth')[] | null;
}

/** A certificate with its private key, and the forms in which others speak of it. */
export interface Issued {
  certPem: string;
  keyPem: string;
  der: Buffer;
  /** RFC 8705 `x5t#S256`: base64url of the SHA-256 of the DER. */
  thumbprint: string;
  /** The same hash in lower-case hex, as `Hash=` of x-forwarded-client-cert. */
  sha256Hex: string;
  /** As in `source.certificate` and in `Cert=`: the PEM with Envoy's choice of percent-encoded characters. */
  urlEncodedPem: string;
}

/** A certificate authority that lives in memory. */
export interface Ca {
  /** Its own certificate. */
  certPem: string;
  /** Its own certificate and those above it, without the root. Empty for a root. */
  chainPem: string;
  keyPem: string;
  issue(options?: IssueOptions): Promise<Issued>;
  /** A leaf shaped like SPIRE 1.16's X.509-SVID; `options` bends it out of shape. */
  svid(spiffeId: string, options?: IssueOptions): Promise<Issued>;
  /** A server certificate for 127.0.0.1 and localhost. */
  server(options?: IssueOptions): Promise<Issued>;
  intermediate(options?: CaOptions): Promise<Ca>;
}

export interface CaOptions extends Omit<IssueOptions, 'subject'> {
  /** Its distinguished name; `C=US, O=SPIFFE` by default. */
  name?: string;
}

interface Signer {
  name: string;
  keys: webcrypto.CryptoKeyPair;
  certificate: x509.X509Certificate;
}

const MINUTE = 60_000;
const HASH: Record<KeyType, string> = {
  ec256: 'SHA-256',
  ec384: 'SHA-384',
  rsa2048: 'SHA-256',
  ed25519: 'SHA-512',
};

async function generateKeys(type: KeyType): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = webcrypto;
  switch (type) {
    case 'ec256':
      return subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    case 'ec384':
      return subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify']);
    case 'rsa2048':
      return subtle.generateKey(
        {
          name: 'RSASSA-PKCS1-v1_5',
          hash: 'SHA-256',
          modulusLength: 2048,
          publicExponent: new Uint8Array([1, 0, 1]),
        },
        true,
        ['sign', 'verify'],
      );
    case 'ed25519':
      return (await subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  }
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** Percent-encodes a PEM the way Envoy does: newline, space and the three base64 signs that mean something in a URL. */
export function urlEncodePem(text: string): string {
  const codes: Record<string, string> = { '\n': '%0A', ' ': '%20', '+': '%2B', '/': '%2F', '=': '%3D' };
  return text.replace(/[\n +/=]/g, (sign) => codes[sign] ?? sign);
}

async function extensions(
  options: IssueOptions,
  publicKey: webcrypto.CryptoKey | x509.PublicKey,
  issuer: x509.X509Certificate | undefined,
): Promise<x509.Extension[]> {
  const isCa = options.isCa ?? false;
  const list: x509.Extension[] = [];
  const usage = options.keyUsage === undefined ? defaultKeyUsage(isCa) : options.keyUsage;
  if (usage !== null) {
    list.push(
      new x509.KeyUsagesExtension(
        usage.reduce((bits, name) => bits | x509.KeyUsageFlags[name], 0),
        true,
      ),
    );
  }
  const extended = options.extendedKeyUsage === undefined ? defaultExtended(isCa) : options.extendedKeyUsage;
  if (extended !== null) {
    list.push(new x509.ExtendedKeyUsageExtension(extended.map((name) => x509.ExtendedKeyUsage[name])));
  }
  list.push(
    new x509.BasicConstraintsExtension(isCa, options.pathLength, true),
    ...(options.moreExtensions ?? []),
  );
  const keyIds = options.keyIds ?? true;
  if (keyIds) list.push(await x509.SubjectKeyIdentifierExtension.create(publicKey));
  if (keyIds && issuer) list.push(await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey));
  const names = [
    ...(options.uris ?? []).map((uri) => textName('uri', Buffer.from(uri, 'latin1'))),
    ...(options.rawUris ?? []).map((bytes) => textName('uri', bytes)),
    ...(options.dns ?? []).map((name) => textName('dns', Buffer.from(name, 'latin1'))),
    ...(options.ips ?? []).map(ipAddressName),
  ];
  // RFC 5280 §4.2.1.6: with an empty subject the extension must be critical.
  if (names.length > 0) list.push(subjectAlternativeName(names, (options.subject ?? '') === ''));
  return list;
}

function defaultKeyUsage(isCa: boolean): KeyUsage[] {
  return isCa ? ['keyCertSign', 'cRLSign'] : ['digitalSignature', 'keyEncipherment', 'keyAgreement'];
}

function defaultExtended(isCa: boolean): ('serverAuth' | 'clientAuth')[] | null {
  return isCa ? null : ['serverAuth', 'clientAuth'];
}

async function certify(
  signer: Signer | undefined,
  keyType: KeyType,
  options: IssueOptions,
): Promise<{ keys: webcrypto.CryptoKeyPair; certificate: x509.X509Certificate }> {
  const keys = await generateKeys(keyType);
  const publicKey = options.publicKey
    ? new x509.PublicKey(new Uint8Array(options.publicKey.export({ type: 'spki', format: 'der' })))
    : keys.publicKey;
  const signingKey = (signer?.keys ?? keys).privateKey;
  const subject = options.subject ?? '';
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: signer?.name ?? subject,
    notBefore: options.notBefore ?? new Date(now - MINUTE),
    notAfter: options.notAfter ?? new Date(now + 60 * MINUTE),
    publicKey,
    signingKey,
    signingAlgorithm: {
      name: signingKey.algorithm.name,
      hash: options.signatureHash ?? HASH[signingKeyType(signingKey)],
    },
    extensions: await extensions(options, publicKey, signer?.certificate),
  });
  return { keys, certificate };
}

function signingKeyType(key: webcrypto.CryptoKey): KeyType {
  const { name, namedCurve } = key.algorithm as { name: string; namedCurve?: string };
  if (name === 'Ed25519') return 'ed25519';
  if (name === 'ECDSA') return namedCurve === 'P-384' ? 'ec384' : 'ec256';
  return 'rsa2048';
}

async function keyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return pem('PRIVATE KEY', new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)));
}

async function authority(above: Signer | undefined, chainAbove: string, options: CaOptions): Promise<Ca> {
  const { name = above ? 'C=US, O=SPIFFE, CN=intermediate' : 'C=US, O=SPIFFE', keyType, ...rest } = options;
  const { keys, certificate } = await certify(above, keyType ?? 'ec256', {
    isCa: true,
    ...rest,
    subject: name,
  });
  const signer: Signer = { name, keys, certificate };
  const certPem = pem('CERTIFICATE', new Uint8Array(certificate.rawData));
  const chainPem = above ? certPem + chainAbove : '';
  const issue = async (issueOptions: IssueOptions = {}): Promise<Issued> => {
    const leaf = await certify(signer, issueOptions.keyType ?? 'ec256', issueOptions);
    const der = Buffer.from(leaf.certificate.rawData);
    const hash = createHash('sha256').update(der).digest();
    const leafPem = pem('CERTIFICATE', der);
    return {
      certPem: leafPem,
      keyPem: await keyPem(leaf.keys),
      der,
      thumbprint: hash.toString('base64url'),
      sha256Hex: hash.toString('hex'),
      urlEncodedPem: urlEncodePem(leafPem),
    };
  };
  return {
    certPem,
    chainPem,
    keyPem: await keyPem(keys),
    issue,
    svid: (spiffeId, more = {}) => issue({ uris: [spiffeId], subject: 'C=US, O=SPIRE', ...more }),
    server: (more = {}) =>
      issue({ dns: ['localhost'], ips: ['127.0.0.1'], subject: 'CN=localhost', ...more }),
    intermediate: (more = {}) => authority(signer, chainPem, more),
  };
}

/** Makes a root CA. Nothing is written to disk; the keys end with the process. */
export function createCa(options: CaOptions = {}): Promise<Ca> {
  return authority(undefined, '', options);
}
