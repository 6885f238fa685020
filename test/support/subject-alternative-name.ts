import './reflect-metadata.ts';

import { Extension } from '@peculiar/x509';

/**
 * The subjectAltName extension from bytes. The library's own builder takes text and rejects or rewrites odd values,
 * and odd values (NUL, separators, invalid UTF-8) are just what tests need.
 */

const TAGS = { dns: 0x82, uri: 0x86 };
const IP_TAG = 0x87;
const SEQUENCE = 0x30;
const SUBJECT_ALT_NAME = '2.5.29.17';

function tagged(tag: number, value: Uint8Array): Buffer {
  const { length } = value;
  // DER length: one byte below 128, else the count of length bytes, then the length itself.
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  if (length > 0xffff) throw new TypeError('a name of more than 65535 bytes');
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

/** One DNS or URI name with exactly these bytes. */
export function textName(kind: 'dns' | 'uri', value: Uint8Array): Buffer {
  return tagged(TAGS[kind], value);
}

/** One IPv4 name. */
export function ipAddressName(address: string): Buffer {
  return tagged(IP_TAG, Buffer.from(address.split('.').map(Number)));
}

/** The extension around encoded names. */
export function subjectAlternativeName(names: readonly Buffer[], critical: boolean): Extension {
  return new Extension(SUBJECT_ALT_NAME, critical, new Uint8Array(tagged(SEQUENCE, Buffer.concat(names))));
}
