import { Malformed } from '../../lib/malformed.ts';

const dashes = '-----';
const beginning = `${dashes}BEGIN `;
const labelForm = /^[A-Z0-9 ]{1,40}$/;

/**
 * The DER of each certificate in a PEM text (RFC 7468 §5), in order. Comments around the blocks are skipped.
 * A line of a comment that holds five dashes must begin with `#`: otherwise it could be a broken block. Other
 * PEM blocks, a broken block, no block, or more than `most` are malformed. Does **not** check whether the
 * bytes are a certificate. Looks at each character a fixed number of times.
 */
export function readCertificates(pem: string, most: number): readonly Buffer[] | Malformed {
  const found: Buffer[] = [];
  for (let at = pem.indexOf(dashes); at >= 0; at = pem.indexOf(dashes, at)) {
    if (pem[pem.lastIndexOf('\n', at) + 1] === '#') {
      const end = pem.indexOf('\n', at);
      if (end < 0) break;
      at = end;
      continue;
    }
    const block = readBlock(pem, at);
    if (block instanceof Malformed) return block;
    if (block.label !== 'CERTIFICATE') return new Malformed(`holds a ${block.label}, not only certificates`);
    if (found.length === most) return new Malformed(`more than ${most} certificates`);
    const base64 = withoutBlanks(block.body);
    const der = Buffer.from(base64, 'base64');
    if (der.length === 0 || der.toString('base64') !== base64)
      return new Malformed(`the base64 of certificate ${found.length + 1} is broken`);
    found.push(der);
    at = block.end;
  }
  return found.length > 0 ? found : new Malformed('no certificate in PEM');
}

const broken = new Malformed('a broken PEM block');

/** A label and a body never contain `-`. */
function readBlock(pem: string, at: number): { label: string; body: string; end: number } | Malformed {
  if (!pem.startsWith(beginning, at)) return broken;
  const label = pem.slice(at + beginning.length, pem.indexOf('-', at + beginning.length));
  if (label.length > 40 || !labelForm.test(label)) return broken;
  const first = `${beginning}${label}${dashes}`;
  const line = at + first.length;
  const body = pem.startsWith('\n', line) ? line + 1 : line + 2;
  if (!pem.startsWith(first, at) || !(body === line + 1 || pem.startsWith('\r\n', line))) return broken;
  const last = `${dashes}END ${label}${dashes}`;
  const stop = pem.indexOf('-', body);
  if (stop < 0 || !pem.startsWith(last, stop)) return broken;
  return { label, body: pem.slice(body, stop), end: stop + last.length };
}

/** Removes line ends and other blanks, which are not part of base64. */
function withoutBlanks(body: string): string {
  const bytes = Buffer.allocUnsafe(body.length);
  let length = 0;
  for (let at = 0; at < body.length; at++) {
    const code = body.charCodeAt(at);
    const isBlank = code === 0x20 || (code >= 0x09 && code <= 0x0d);
    // A character that does not fit into a byte stays invalid.
    if (!isBlank) bytes[length++] = code < 0x80 ? code : 0x80;
  }
  return bytes.toString('latin1', 0, length);
}
