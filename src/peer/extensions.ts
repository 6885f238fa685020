import forge from 'node-forge';
import { Malformed } from '../malformed.ts';

/** What of a certificate's extensions decides whether it can be a workload's identity. */
export interface Extensions {
  /** The URIs of the subject alternative name, byte for byte. node:crypto only gives them escaped in one string. */
  readonly uris: readonly string[];
  /** `basicConstraints` with cA TRUE. */
  readonly isCa: boolean;
  /** The bits of `keyUsage` (RFC 5280 §4.2.1.3); undefined where the extension is absent. */
  readonly keyUsage:
    | { readonly digitalSignature: boolean; readonly keyCertSign: boolean; readonly cRLSign: boolean }
    | undefined;
}

const subjectAltName = '2.5.29.17';
const basicConstraints = '2.5.29.19';
const keyUsage = '2.5.29.15';
const uriTag = 6; // GeneralName.uniformResourceIdentifier [6]

/**
 * Walks the DER of an X.509 v3 certificate (RFC 5280 §4.1). node-forge's ASN.1 reader is used without its PKI layer,
 * which refuses every key but RSA. The same extension twice is refused (RFC 5280 §4.2).
 */
export function readExtensions(der: Buffer): Extensions | Malformed {
  try {
    const certificate = asn1(der.toString('latin1'));
    const fields = children(children(certificate)[0]);
    // [3] EXPLICIT wraps the list of extensions; the other context tags are unique identifiers.
    const wrapper = fields.find((field) => isContext(field, 3) && field.constructed);
    const seen = new Map<string, string>();
    for (const extension of wrapper ? children(children(wrapper)[0]) : []) {
      const [oid, ...rest] = children(extension);
      const value = rest.at(-1);
      if (!oid || !value) throw new Error('an extension without a value');
      const name = forge.asn1.derToOid(bytes(oid));
      if (seen.has(name)) return new Malformed(`the extension ${name} stands there twice`);
      seen.set(name, bytes(value));
    }
    return {
      uris: uris(seen.get(subjectAltName)),
      isCa: isCa(seen.get(basicConstraints)),
      keyUsage: usage(seen.get(keyUsage)),
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

function isCa(value: string | undefined): boolean {
  if (value === undefined) return false;
  const [first] = children(asn1(value));
  return first?.type === forge.asn1.Type.BOOLEAN && bytes(first) !== '\0';
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

function bytes(node: forge.asn1.Asn1): string {
  if (typeof node.value !== 'string') throw new Error('not primitive');
  return node.value;
}

function isContext(node: forge.asn1.Asn1, tag: number): boolean {
  return node.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC && (node.type as number) === tag;
}
