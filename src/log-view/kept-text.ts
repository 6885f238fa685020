import { ownCopy } from '../lib/own-copy.ts';

const mostKept = 512;

/** A text that is kept for long: bounded, and without the line that it was read from. */
export function keptText(text: string): string {
  return text.length > mostKept ? ownCopy(`${text.slice(0, mostKept)}…`) : text;
}
