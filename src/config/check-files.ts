import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { Malformed } from '../malformed.ts';
import { fixedKeys } from '../sources/issuers.ts';
import type { Config } from './schema.ts';

type Finding = [path: readonly PropertyKey[], message: string];

/** Whether the files that could be read hold what they should: certificates, keys, JWK Sets. */
export function unusableFiles(config: Config, files: ReadonlyMap<string, string>): Finding[] {
  const findings: Finding[] = [];
  for (const [name, issuer] of Object.entries(config.issuers)) {
    const { ca } = issuer;
    if (ca !== undefined && files.has(ca) && !holdsCertificate(files.get(ca) ?? ''))
      findings.push([['issuers', name, 'ca'], `${ca} holds no certificate in PEM`]);
    const key = issuer.keys === undefined ? 'jwks' : 'keys';
    const source = issuer[key];
    const keys = typeof source === 'string' && !files.has(source) ? undefined : fixedKeys(issuer, files);
    if (keys instanceof Malformed) findings.push([['issuers', name, key], keys.why]);
  }
  const { tls } = config.grpc;
  const [cert, key, clientCa] = [tls?.certFile, tls?.keyFile, tls?.clientCaFile].map((name) =>
    files.get(name ?? ''),
  );
  if (cert !== undefined && key !== undefined && !fit(cert, key))
    findings.push([['grpc', 'tls', 'certFile'], 'certFile and keyFile are not a pair in PEM']);
  if (clientCa !== undefined && !holdsCertificate(clientCa))
    findings.push([['grpc', 'tls', 'clientCaFile'], 'holds no certificate in PEM']);
  return findings;
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
