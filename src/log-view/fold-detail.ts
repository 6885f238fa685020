import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { keptText } from './kept-text.ts';

/** The fields that differ from request to request with the same cause. */
const varying = ['path', 'host', 'subject', 'kid', 'jti', 'user_agent'] as const;

const isoTime = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const longWord = /[\w-]{16,}/g;
const number = /(?<![\w.-])\d+(?:\.\d+)*(?![\w-])/g;

/**
 * The detail without what differs between two lines of one cause: words that are a field of the line itself,
 * times, numbers, identifiers and thumbprints. Names of audiences, claims and workloads stay: they are the
 * cause.
 */
export function foldDetail(line: DecisionLine): string {
  const detail = keptText(line.detail ?? '');
  return detail
    .split(' ')
    .map((word) => foldWord(word, line))
    .join(' ')
    .replace(isoTime, '<time>')
    .replace(longWord, (word) => (isRandom(word) ? '<id>' : word))
    .replace(number, '#');
}

/** Replaces a word that is a field of the line. Punctuation may follow it. */
function foldWord(word: string, line: DecisionLine): string {
  const bare = word.replace(/[;:,.)]{1,3}$/, '');
  const name = varying.find((field) => line[field] === bare);
  return name === undefined ? word : `<${name}>${word.slice(bare.length)}`;
}

/** Hexadecimal with a digit, such as a UUID, or small and capital letters and digits, such as base64url. */
function isRandom(word: string): boolean {
  if (!/\d/.test(word)) return false;
  return /^[\da-f-]+$/i.test(word) || (/[a-z]/.test(word) && /[A-Z]/.test(word));
}
