/** `typ` of a header in lower case, without the prefix that RFC 7515 §4.1.9 makes optional. */
export function mediaType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '');
}
