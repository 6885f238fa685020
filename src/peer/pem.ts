import { Malformed } from '../malformed.ts';

/** No `-` can stand in a body, so that a block is read once and never again from another start. */
const block = /-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=\s]*)-----END \1-----/g;

/**
 * The DER of every certificate in a PEM text (RFC 7468 §5), in its order. Comments around the blocks are passed over;
 * anything else in PEM, a block that is broken, none at all, or more than `most` is malformed. Whether the bytes are a
 * certificate is **not** checked.
 */
export function readCertificates(pem: string, most: number): readonly Buffer[] | Malformed {
  const found: Buffer[] = [];
  for (const [, label, body = ''] of pem.matchAll(block)) {
    if (label !== 'CERTIFICATE') return new Malformed(`holds a ${label}, not only certificates`);
    if (found.length === most) return new Malformed(`more than ${most} certificates`);
    const base64 = body.replace(/\s/g, '');
    const der = Buffer.from(base64, 'base64');
    if (der.length === 0 || der.toString('base64') !== base64)
      return new Malformed(`the base64 of certificate ${found.length + 1} is broken`);
    found.push(der);
  }
  if (pem.replace(block, '').includes('-----')) return new Malformed('a PEM block that is broken');
  return found.length > 0 ? found : new Malformed('no certificate in PEM');
}
