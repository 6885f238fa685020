import forge from 'node-forge';
import { Malformed } from '../malformed.ts';

/** What of a certificate decides whether it can be a workload's identity or an authority, and node:crypto does not tell. */
export interface Extensions {
  /** The URIs of the subject alternative name, byte for byte. node:crypto only gives them escaped in one string. */
  readonly uris: readonly string[];
  /** `basicConstraints` with cA TRUE. */
  readonly isCa: boolean;
  /** `pathLenConstraint` of basicConstraints: how many CAs may stand between it and a leaf. */
  readonly pathLength: number | undefined;
  /** The bits of `keyUsage` (RFC 5280 §4.2.1.3); undefined where the extension is absent. */
  readonly keyUsage:
    | { readonly digitalSignature: boolean; readonly keyCertSign: boolean; readonly cRLSign: boolean }
    | undefined;
  /** Object identifiers of extensions that restrict the certificate in a way that nobody here understands. */
  readonly unsupported: readonly string[];
  /** Object identifier of the algorithm that it is signed with. */
  readonly signatureAlgorithm: string;
}

const subjectAltName = '2.5.29.17';
const basicConstraints = '2.5.29.19';
const keyUsage = '2.5.29.15';
const nameConstraints = '2.5.29.30';
/** Read here, or (certificatePolicies, extKeyUsage) without any say in what a certificate may do for us. */
const supported = new Set([subjectAltName, basicConstraints, keyUsage, '2.5.29.32', '2.5.29.37']);
const uriTag = 6; // GeneralName.uniformResourceIdentifier [6]

/**
 * Walks the DER of an X.509 v3 certificate (RFC 5280 §4.1). node-forge's ASN.1 reader is used without its PKI layer,
 * which refuses every key but RSA. The same extension twice is refused (RFC 5280 §4.2). Critical ones that are unknown,
 * and name constraints, are listed and not refused: whoever builds a chain of it must (RFC 5280 §6.1.4 (o), §6.1.5 (f)).
 */
export function readExtensions(der: Buffer): Extensions | Malformed {
  try {
    const certificate = asn1(der.toString('latin1'));
    const [body, algorithm] = children(certificate);
    const fields = children(body);
    // [3] EXPLICIT wraps the list of extensions; the other context tags are unique identifiers.
    const wrapper = fields.find((field) => isContext(field, 3) && field.constructed);
    const seen = new Map<string, string>();
    const unsupported: string[] = [];
    for (const extension of wrapper ? children(children(wrapper)[0]) : []) {
      const [oid, ...rest] = children(extension);
      const value = rest.at(-1);
      if (!oid || !value) throw new Error('an extension without a value');
      const name = forge.asn1.derToOid(bytes(oid));
      if (seen.has(name)) return new Malformed(`the extension ${name} stands there twice`);
      seen.set(name, bytes(value));
      const critical = rest.length > 1 && isTrue(rest[0]);
      if (name === nameConstraints || (critical && !supported.has(name))) unsupported.push(name);
    }
    return {
      uris: uris(seen.get(subjectAltName)),
      ...basics(seen.get(basicConstraints)),
      keyUsage: usage(seen.get(keyUsage)),
      unsupported,
      signatureAlgorithm: forge.asn1.derToOid(bytes(children(algorithm)[0])),
    };
  } catch {
    return new Malformed('the ASN.1 cannot be read');
  }
}

function uris(value: string | undefined): string[] {
  if (value === undefined) return [];
  return children(asn1(value))
    .filter((name) => isContext(name, uriTag))
    .map(bytes);
}

function basics(value: string | undefined): Pick<Extensions, 'isCa' | 'pathLength'> {
  const [first, ...rest] = value === undefined ? [] : children(asn1(value));
  const length = [first, ...rest].find((field) => field?.type === forge.asn1.Type.INTEGER);
  return { isCa: isTrue(first), pathLength: length && unsigned(bytes(length)) };
}

function isTrue(node: forge.asn1.Asn1 | undefined): boolean {
  return node?.type === forge.asn1.Type.BOOLEAN && bytes(node) !== '\0';
}

function unsigned(integer: string): number {
  const number = Buffer.from(integer, 'latin1');
  if (number.length === 0 || number.length > 4 || (number[0] ?? 0) > 0x7f) throw new Error('no small number');
  return number.readUIntBE(0, number.length);
}

function usage(value: string | undefined): Extensions['keyUsage'] {
  if (value === undefined) return undefined;
  const first = bytes(asn1(value)).charCodeAt(1) || 0; // byte 0 counts the unused bits
  return {
    digitalSignature: (first & 0x80) !== 0,
    keyCertSign: (first & 0x04) !== 0,
    cRLSign: (first & 0x02) !== 0,
  };
}

function asn1(der: string): forge.asn1.Asn1 {
  // decodeBitStrings guesses whether a bit string holds ASN.1; a public key must never be read as structure.
  const options = { strict: true, parseAllBytes: true, decodeBitStrings: false };
  // The type declarations know only the older boolean form of the options.
  return forge.asn1.fromDer(der, options as unknown as boolean);
}

function children(node: forge.asn1.Asn1 | undefined): forge.asn1.Asn1[] {
  if (!Array.isArray(node?.value)) throw new Error('not constructed');
  return node.value;
}

function bytes(node: forge.asn1.Asn1 | undefined): string {
  if (typeof node?.value !== 'string') throw new Error('not primitive');
  return node.value;
}

function isContext(node: forge.asn1.Asn1, tag: number): boolean {
  return node.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC && (node.type as number) === tag;
}
