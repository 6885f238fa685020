import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { parseNonceKeys } from '../core/binding/nonce-keys.ts';
import { parseSigningKey } from '../core/internal-token/signing-key.ts';
import { parseBundleFile } from '../core/peer/bundle-document.ts';
import { parseJwks } from '../core/token/keys.ts';
import { parseJson } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { clientAuthentications } from '../sources/client-authentication.ts';
import type { Files } from '../sources/fingerprint.ts';
import { parseRevocations } from '../sources/revocation/revocation-file.ts';
import { expectedIss, findCluster } from './cluster.ts';
import { unusablePassword } from './console-access.ts';
import { unusableKeys, usableKeys } from './issuer-keys.ts';
import type { Config } from './schema.ts';

type Introspection = NonNullable<Config['issuers'][string]['introspection']>;
type Finding = [path: readonly PropertyKey[], message: string];

/** Finds files with wrong content: certificates, keys, JWK Sets, bundles. Ignores unreadable files. */
export function unusableFiles(config: Config, files: Files): Finding[] {
  const findings: Finding[] = [];
  for (const [name, issuer] of Object.entries(config.issuers)) {
    checkCertificates(['issuers', name, 'ca'], issuer.ca);
    const ownToken = issuer.kubernetes && findCluster(issuer)?.tokenFile;
    if (ownToken && files.has(ownToken) && expectedIss(issuer, files) === undefined)
      findings.push([
        ['issuers', name, 'issuer'],
        'is missing, and the token of this pod has no iss: set the issuer URL of the cluster',
      ]);
    const credentials = issuer.introspection && unusableCredentials(issuer.introspection, files);
    if (credentials) findings.push([['issuers', name, 'introspection', 'authentication'], credentials]);
    const keys = unusableKeys(issuer, files);
    if (keys) findings.push([['issuers', name, issuer.keys === undefined ? 'jwks' : 'keys'], keys.why]);
  }
  for (const [name, domain] of Object.entries(config.peers.trustDomains ?? {})) {
    const { bundle, ca } = domain ?? {};
    const path = ['peers', 'trustDomains', name];
    const text = files.get(bundle ?? '');
    const read = text === undefined ? undefined : parseBundleFile(text, name);
    if (read instanceof Malformed) findings.push([[...path, 'bundle'], read.why]);
    checkCertificates([...path, 'ca'], ca);
  }
  findings.push(...unusableTransmitters(config, files));
  for (const door of ['grpc', 'http', 'revocation'] as const) {
    const { tls } = config[door] ?? {};
    const [cert, key] = [tls?.certFile, tls?.keyFile].map((name) => files.get(name ?? ''));
    if (cert !== undefined && key !== undefined && !fit(cert, key))
      findings.push([
        [door, 'tls', 'certFile'],
        'does not fit keyFile: both must be PEM, and the key must belong to the certificate',
      ]);
    checkCertificates([door, 'tls', 'clientCaFile'], tls?.clientCaFile);
  }
  for (const [at, file] of (config.identity.token?.keyFiles ?? []).entries()) {
    const key = files.has(file) && parseSigningKey(files.get(file) ?? '');
    if (key instanceof Malformed)
      findings.push([['identity', 'token', 'keyFiles', at], `${file} ${key.why}`]);
  }
  const { file: revocations = '' } = config.revocation ?? {};
  const entries = files.has(revocations) && parseRevocations(files.get(revocations) ?? '');
  if (entries instanceof Malformed) findings.push([['revocation', 'file'], `${revocations} ${entries.why}`]);
  const password = unusablePassword(config, files.get(config.console.passwordFile ?? ''));
  if (password) findings.push([['console', 'passwordFile'], password]);
  const { keyFile } = config.dpop.nonce ?? {};
  const nonceKeys = files.get(keyFile ?? '');
  const flaw = nonceKeys === undefined ? undefined : parseNonceKeys(nonceKeys);
  if (flaw instanceof Malformed) findings.push([['dpop', 'nonce', 'keyFile'], `${keyFile} ${flaw.why}`]);
  const { caFile, headerFiles } = config.telemetry ?? { headerFiles: {} };
  checkCertificates(['telemetry', 'caFile'], caFile);
  checkCertificates(['store', 'redis', 'tls', 'caFile'], config.store?.redis.tls?.caFile);
  checkCertificates(['rulesFrom', 'kubernetes', 'ca'], config.rulesFrom?.kubernetes?.ca);
  for (const [name, file] of Object.entries(headerFiles))
    if (!/^[\t -~]+$/.test(files.get(file)?.trim() ?? '-'))
      findings.push([['telemetry', 'headerFiles', name], `${file} must hold one line of ASCII characters`]);
  return findings;

  function checkCertificates(path: Finding[0], file: string | undefined): void {
    const pem = files.get(file ?? '');
    if (pem !== undefined && !holdsCertificate(pem))
      findings.push([path, `${file} does not contain a certificate: it must be a PEM file of certificates`]);
  }
}

function unusableTransmitters({ revocation }: Config, files: Files): Finding[] {
  return Object.entries(revocation?.transmitters ?? {}).flatMap(([name, { jwks, tokenFile }]): Finding[] => {
    const path = ['revocation', 'transmitters', name];
    const keys = typeof jwks === 'string' ? files.get(jwks) && parseJson(files.get(jwks) ?? '') : jwks;
    const read = keys === undefined ? undefined : usableKeys(parseJwks(keys));
    const isToken = /^[\x21-\x7e]{1,4096}$/.test(files.get(tokenFile)?.trim() ?? '-');
    return [
      ...(read instanceof Malformed ? [[[...path, 'jwks'], read.why] as Finding] : []),
      ...(isToken ? [] : [[[...path, 'tokenFile'], `${tokenFile} must hold one line, the token`] as Finding]),
    ];
  });
}

/** Why the files cannot be used for the way to authenticate. Ignores files that could not be read. */
function unusableCredentials(
  { authentication, clientId, endpoint, clientSecretFile, keyFile }: Introspection,
  files: Files,
): string | undefined {
  const named = [clientSecretFile, keyFile].filter((file) => file !== undefined);
  if (named.some((file) => !files.has(file))) return undefined;
  const [clientSecret, key] = [clientSecretFile, keyFile].map((file) => files.get(file ?? '')?.trim());
  try {
    clientAuthentications[authentication]({ clientId, clientSecret, key, audience: endpoint });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function holdsCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function fit(cert: string, key: string): boolean {
  try {
    createSecureContext({ cert, key });
    return true;
  } catch {
    return false;
  }
}
