import { listed, quoted } from '../../lib/excerpt.ts';
import { type JsonObject, parseJson } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { type CertificateAuthority, formatName, toAuthority } from './authority.ts';
import { parseDerCertificate } from './certificate.ts';
import { readCertificates } from './pem.ts';

const maxKeys = 100;
/** A hundred authorities with RSA 4096 have 200 KB. Reading a file of this length takes some 40 ms. */
const maxLength = 262_144;

export interface SpiffeBundle {
  /** The usable certificates of its `x509-svid` entries. May be empty. */
  readonly authorities: readonly CertificateAuthority[];
  /** Why the other entries are not usable, one line each. */
  readonly passedOver: readonly string[];
  /** Its `jwt-svid` entries as they are: `use` is `jwt-svid`, `alg` is absent (JWT-SVID §6). Not checked. */
  readonly jwtKeys: readonly JsonObject[];
  /** Its `wit-svid` entries as they are (WIT-SVID §6). Not checked. */
  readonly witKeys: readonly JsonObject[];
  /** Seconds after which it asks to be fetched again. */
  readonly refreshHint: number | undefined;
}

/**
 * Reads a SPIFFE bundle (SPIFFE Trust Domain and Bundle §4; X509-SVID §6.2): a JWK Set in which `use` names
 * the kind of SVID. Only the first `x5c` of an `x509-svid` entry is used. Entries of another use or without a
 * usable CA certificate are skipped (RFC 7517 §5). Does **not** compare `spiffe_sequence`, or a JWK with its
 * certificate.
 * @param trustDomain an authority that names another one is not usable
 */
export function parseSpiffeBundle(document: unknown, trustDomain?: string): SpiffeBundle | Malformed {
  const { keys, spiffe_refresh_hint: hint } = (document ?? {}) as Record<string, unknown>;
  if (!Array.isArray(keys)) return new Malformed('not a SPIFFE bundle: "keys" is not a list');
  if (keys.length > maxKeys) return new Malformed(`more than ${maxKeys} keys`);
  const entries = keys.filter(
    (key): key is Record<string, unknown> => typeof key === 'object' && key !== null,
  );
  const read = entries
    .filter(({ use }) => use === 'x509-svid')
    .map(({ x5c }) => authorityFromX5c(x5c, trustDomain));
  return {
    authorities: distinct(read.flatMap((authority) => (authority instanceof Malformed ? [] : [authority]))),
    passedOver: read.flatMap((authority) => (authority instanceof Malformed ? [authority.why] : [])),
    jwtKeys: entries.filter(({ use }) => use === 'jwt-svid'),
    witKeys: entries.filter(({ use }) => use === 'wit-svid'),
    refreshHint: typeof hint === 'number' && hint > 0 ? hint : undefined,
  };
}

/**
 * Reads a bundle file: CA certificates in PEM (as spiffe-helper and SPIRE's bundle notifier write them), or a
 * SPIFFE bundle in JSON. A PEM file with another certificate is malformed: the operator wrote it.
 * @param trustDomain an authority that names another one is not usable
 */
export function parseBundleFile(
  text: string,
  trustDomain?: string,
): readonly CertificateAuthority[] | Malformed {
  if (text.length > maxLength) return new Malformed(`longer than ${maxLength} characters`);
  if (text.trimStart().startsWith('{')) {
    const bundle = parseSpiffeBundle(parseJson(text), trustDomain);
    if (bundle instanceof Malformed) return bundle;
    return bundle.authorities.length > 0 ? bundle.authorities : new Malformed(whyNone(bundle));
  }
  const ders = readCertificates(text, maxKeys);
  if (ders instanceof Malformed) return ders;
  const authorities: CertificateAuthority[] = [];
  for (const der of ders) {
    const authority = authorityFromDer(der, trustDomain);
    if (authority instanceof Malformed) return authority;
    authorities.push(authority);
  }
  return distinct(authorities);
}

/** Why a bundle has no authority, for the log. */
export function whyNone({ passedOver }: SpiffeBundle): string {
  const reasons = [...new Set(passedOver)];
  return `no usable X.509 authority in it${reasons.length > 0 ? `: ${listed(reasons, 3, 300)}` : ''}`;
}

/** A certificate that is there twice would only cost signatures. Files of several sources have such. */
function distinct(authorities: readonly CertificateAuthority[]): readonly CertificateAuthority[] {
  const seen = new Map(authorities.map((authority) => [authority.certificate.thumbprint, authority]));
  return [...seen.values()];
}

function authorityFromX5c(x5c: unknown, trustDomain: string | undefined): CertificateAuthority | Malformed {
  const base64: unknown = Array.isArray(x5c) ? x5c[0] : undefined;
  if (typeof base64 !== 'string') return new Malformed('an x509-svid entry without x5c');
  const der = Buffer.from(base64, 'base64');
  return der.toString('base64') === base64
    ? authorityFromDer(der, trustDomain)
    : new Malformed('an x5c that is not canonical base64');
}

function authorityFromDer(der: Buffer, trustDomain: string | undefined): CertificateAuthority | Malformed {
  const certificate = parseDerCertificate(der);
  const authority = certificate instanceof Malformed ? certificate : toAuthority(certificate);
  if (authority instanceof Malformed || trustDomain === undefined) return authority;
  // With the bundle of another one, that one could name every workload of this trust domain.
  const other = authority.certificate.uris.find(
    (uri) => /^spiffe:/i.test(uri) && uri !== `spiffe://${trustDomain}`,
  );
  const name = formatName(authority.x509.subject);
  return other === undefined
    ? authority
    : new Malformed(`${name} is an authority of another trust domain: ${quoted(other, 100)}`);
}
