/**
 * The same text in one piece that shares no memory. V8 keeps a slice as a view of the whole text, so a short
 * one would keep a message of megabytes, and a sum as a tree of its parts. A text that is not Unicode is
 * returned as it is.
 */
export function ownCopy(text: string): string {
  const copy = Buffer.from(text).toString();
  return copy === text ? copy : text;
}
