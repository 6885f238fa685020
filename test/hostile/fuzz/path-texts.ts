import fc from 'fast-check';
import { mutatedText } from './mutate-text.ts';

/** Pieces of paths that some readers take apart differently. */
const pieces = [
  '/',
  '/',
  'a',
  'B',
  '.',
  '..',
  '*',
  '@',
  ':',
  '~',
  '+',
  '&',
  '=',
  "'",
  '(',
  '$',
  '!',
  ',',
  '%2e',
  '%2E',
  '%2F',
  '%5c',
  '%3B',
  '%3f',
  '%23',
  '%25',
  '%00',
  '%7e',
  '%41',
  '%3A',
  '%40',
  '%20',
  '%C3%A9',
  '%c3%a9',
  '%F0%9F%98%80',
  '%c0%af',
  '%ff',
  '%',
  '%4',
  '%zz',
  '%u002f',
  ';',
  ';p=1',
  '?',
  '#',
  '\\',
  '//',
  '/./',
  '/../',
  ' ',
  '"',
  '|',
  '^',
  '[',
];

/** Paths of such pieces, and some of them edited further. */
export const pathTexts: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => `/${parts.join('')}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(
        fc.constantFrom(
          ...pieces.filter((piece) => !/[;#\\ "|^[]|%(?:2F|5c|3B|3f|23|00|$|z|u|4$|ff|c0)/i.test(piece)),
        ),
        {
          maxLength: 8,
        },
      )
      .map((parts) => `/${parts.join('')}`),
  },
  {
    weight: 1,
    arbitrary: mutatedText(fc.constantFrom('/orders/7', '/a/b/c?d=/e', '/%C3%A9/x'), { words: pieces }),
  },
);
