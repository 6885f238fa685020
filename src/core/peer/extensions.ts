import { Malformed } from '../../lib/malformed.ts';
import { utcTime } from '../../lib/time.ts';
import { asn1, type DerNode, readDer, readIdentifier } from './der.ts';

/** Decides whether a certificate can identify a workload or an authority. Not provided by node:crypto. */
export interface Extensions {
  /** The URIs of the subject alternative name, byte for byte. node:crypto escapes them in one text. */
  readonly uris: readonly string[];
  /** `basicConstraints` with cA TRUE. */
  readonly isCa: boolean;
  /** `pathLenConstraint` of basicConstraints: how many CAs may stand between it and a leaf. */
  readonly pathLength: number | undefined;
  /** The bits of `keyUsage` (RFC 5280 §4.2.1.3); undefined where the extension is absent. */
  readonly keyUsage:
    | { readonly digitalSignature: boolean; readonly keyCertSign: boolean; readonly cRLSign: boolean }
    | undefined;
  /** The known purposes of `extKeyUsage` (RFC 5280 §4.2.1.12), each once. Undefined without the extension. */
  readonly extendedKeyUsage: readonly Purpose[] | undefined;
  /** Object identifiers of extensions that restrict the certificate in a way that is not supported here. */
  readonly unsupported: readonly string[];
  /** Object identifier of the algorithm of its signature. */
  readonly signatureAlgorithm: string;
  /** Milliseconds since the epoch. node:crypto returns an arbitrary number for a malformed time. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Classes of a tag (X.690 §8.1.2.2). */
const [universal, contextSpecific] = [0, 0x80];

const purposesByName = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  anyExtendedKeyUsage: '2.5.29.37.0',
};
export type Purpose = keyof typeof purposesByName;

const subjectAltName = '2.5.29.17';
const basicConstraints = '2.5.29.19';
const keyUsage = '2.5.29.15';
const extendedKeyUsage = '2.5.29.37';
/** Extensions that are read here, and certificatePolicies, which does not restrict anything here. */
const supported = new Set([subjectAltName, basicConstraints, keyUsage, extendedKeyUsage, '2.5.29.32']);
/** nameConstraints, policyConstraints, inhibitAnyPolicy: they restrict what is below, critical or not. */
const restricting = new Set(['2.5.29.30', '2.5.29.36', '2.5.29.54']);
const ecPublicKey = '1.2.840.10045.2.1';
const uriTag = 6; // GeneralName.uniformResourceIdentifier [6]
const lastTag = 8; // registeredID [8]

/**
 * Walks the DER of an X.509 v3 certificate (RFC 5280 §4.1). Refused are: the same extension twice (RFC 5280
 * §4.2), extensions in a certificate whose version has none (§4.1.2.1), a curve that is written out instead
 * of named (RFC 5480 §2.1.1), and BER that is not DER, because one certificate would have two thumbprints.
 * Unknown critical extensions, and constraints on the certificates below, are only listed: the callers
 * refuse them, each with its own reason.
 */
export function readExtensions(der: Buffer): Extensions | Malformed {
  try {
    const certificate = readDer(der.toString('latin1'));
    const [body, algorithm, signature] = children(certificate);
    if (!is(signature, asn1.BIT_STRING) || !bytes(signature).startsWith('\0'))
      throw new Error('a signature that is not a whole number of bytes');
    const fields = [...children(body)];
    // [0] is the version, absent in version 1; [3] wraps the extensions; others are unique identifiers.
    const version = fields[0] && isContext(fields[0], 0) ? fields.shift() : undefined;
    const wrapper = fields.find((field) => isContext(field, 3) && field.constructed);
    if (wrapper && !isVersion3(version)) return new Malformed('it has extensions, and its version is not 3');
    if (hasExplicitCurve(fields[5]))
      return new Malformed('the curve of its key is written out instead of named');
    const seen = new Map<string, string>();
    const unsupported: string[] = [];
    for (const extension of wrapper ? children(children(wrapper)[0]) : []) {
      const [oid, ...rest] = children(extension);
      const value = rest.at(-1);
      if (!is(value, asn1.OCTET_STRING)) throw new Error('an extension without a value');
      const name = identifier(oid);
      if (seen.has(name)) return new Malformed(`the extension ${name} appears twice`);
      seen.set(name, bytes(value));
      const critical = rest.length > 1 && isTrue(rest[0]);
      if (restricting.has(name) || (critical && !supported.has(name))) unsupported.push(name);
    }
    return {
      uris: uris(seen.get(subjectAltName)),
      ...basics(seen.get(basicConstraints)),
      keyUsage: usage(seen.get(keyUsage)),
      extendedKeyUsage: purposes(seen.get(extendedKeyUsage)),
      unsupported,
      signatureAlgorithm: identifier(children(algorithm)[0]),
      ...validity(fields),
    };
  } catch {
    return new Malformed('the ASN.1 cannot be read');
  }
}

/** RFC 5280 §4.1.2.5: the year of UTCTime has two digits, before 2050. GeneralizedTime has four. */
function validity(fields: readonly DerNode[]): Pick<Extensions, 'notBefore' | 'notAfter'> {
  // Without the version: serial number, algorithm, issuer, validity, subject, key.
  const [from, to] = children(fields[3]).map((node) => {
    const text = bytes(node);
    if (is(node, asn1.UTC_TIME)) return utcTime(`${Number(text.slice(0, 2)) < 50 ? 20 : 19}${text}`);
    return is(node, asn1.GENERALIZED_TIME) ? utcTime(text) : undefined;
  });
  if (from === undefined || to === undefined) throw new Error('a validity that is not a time');
  return { notBefore: from, notAfter: to };
}

function uris(value: string | undefined): string[] {
  const names = value === undefined ? [] : sequence(readDer(value));
  if (!names.every((name) => isContext(name, name.type) && name.type <= lastTag))
    throw new Error('something that is not a GeneralName');
  return names.filter((name) => isContext(name, uriTag)).map(bytes);
}

/** RFC 5280 §4.2.1.9: a BOOLEAN, then an INTEGER, each only if it is not the default, and nothing else. */
function basics(value: string | undefined): Pick<Extensions, 'isCa' | 'pathLength'> {
  const fields = value === undefined ? [] : [...sequence(readDer(value))];
  const next = (type: number) => (is(fields[0], type) ? fields.shift() : undefined);
  const [ca, length] = [next(asn1.BOOLEAN), next(asn1.INTEGER)];
  if (fields.length > 0) throw new Error('a field that is not expected');
  return { isCa: isTrue(ca), pathLength: length && unsigned(bytes(length)) };
}

function isTrue(node: DerNode | undefined): boolean {
  if (!is(node, asn1.BOOLEAN)) return false;
  if (!['\0', '\xff'].includes(bytes(node))) throw new Error('a BOOLEAN that is neither true nor false');
  return bytes(node) === '\xff';
}

function unsigned(integer: string): number {
  const number = Buffer.from(integer, 'latin1');
  if (number.length === 0 || number.length > 4 || (number[0] ?? 0) > 0x7f)
    throw new Error('not a small number');
  return number.readUIntBE(0, number.length);
}

function usage(value: string | undefined): Extensions['keyUsage'] {
  if (value === undefined) return undefined;
  const node = readDer(value);
  if (!is(node, asn1.BIT_STRING)) throw new Error('a key usage that is not a BIT STRING');
  const [unused = 8, ...bits] = Buffer.from(bytes(node), 'latin1');
  if (unused > 7 || ((bits.at(-1) ?? 0) & (2 ** unused - 1)) !== 0)
    throw new Error('an unused bit that is set');
  const first = bits[0] ?? 0;
  return {
    digitalSignature: (first & 0x80) !== 0,
    keyCertSign: (first & 0x04) !== 0,
    cRLSign: (first & 0x02) !== 0,
  };
}

/** RFC 5280 §4.2.1.12: at least one object identifier. Returns only known purposes. */
function purposes(value: string | undefined): Purpose[] | undefined {
  if (value === undefined) return undefined;
  const named = new Set(sequence(readDer(value)).map(identifier));
  if (named.size === 0) throw new Error('no purpose');
  return (Object.keys(purposesByName) as Purpose[]).filter((name) => named.has(purposesByName[name]));
}

function isVersion3(version: DerNode | undefined): boolean {
  const [number] = version ? children(version) : [];
  return is(number, asn1.INTEGER) && bytes(number) === '\x02';
}

/** OpenSSL silently replaces a curve that is written out by the named curve with the same parameters. */
function hasExplicitCurve(publicKeyInfo: DerNode | undefined): boolean {
  const [algorithm, parameters] = children(children(publicKeyInfo)[0]);
  return identifier(algorithm) === ecPublicKey && !is(parameters, asn1.OBJECT_IDENTIFIER);
}

function sequence(node: DerNode): DerNode[] {
  if (!is(node, asn1.SEQUENCE)) throw new Error('not a SEQUENCE');
  return children(node);
}

function children(node: DerNode | undefined): DerNode[] {
  if (!Array.isArray(node?.value)) throw new Error('not constructed');
  return node.value;
}

function bytes(node: DerNode | undefined): string {
  if (typeof node?.value !== 'string') throw new Error('not primitive');
  return node.value;
}

function identifier(node: DerNode | undefined): string {
  if (!is(node, asn1.OBJECT_IDENTIFIER)) throw new Error('not an object identifier');
  return readIdentifier(bytes(node));
}

/** Whether it has this type of the universal class. The same number in another class is another type. */
function is(node: DerNode | undefined, type: number): boolean {
  return node?.tagClass === universal && node.type === type;
}

function isContext(node: DerNode, tag: number): boolean {
  return node.tagClass === contextSpecific && node.type === tag;
}
