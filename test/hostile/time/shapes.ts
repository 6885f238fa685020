/** What a long text is made of, over and over. Each was chosen because some reader of it stops, steps back or nests there. */
const pieces = {
  'one letter': 'a',
  spaces: ' ',
  tabs: '\t',
  commas: ',',
  'commas and spaces': ', ',
  'letters and spaces': 'a ',
  semicolons: ';',
  equals: '=',
  ampersands: '&',
  'plus and ampersand': '+&',
  'letter and ampersand': 'a&',
  'names without values': 'a=&',
  plus: '+',
  'escaped letters': '%61',
  'escaped spaces': '%20',
  'escaped newlines': '%0A',
  'escapes outside ASCII': '%C3%A9',
  'broken escapes': '%',
  'doubled escapes': '%25',
  exclamation: '!',
  dots: '.',
  slashes: '/',
  segments: '/a',
  quotes: '"',
  'escaped quotes': '\\"',
  backslashes: '\\',
  'opening brackets': '[',
  'objects in objects': '{"a":',
  dashes: '-',
  underscores: 'a_',
  newlines: '\n',
  'bearer and comma': 'bearer,',
  'comma and bearer': ',Bearer x',
  'pairs of XFCC': 'By=;',
  'elements of XFCC': 'Hash=,',
  'begin of PEM': '-----BEGIN ',
  'outside ASCII': 'é',
  'outside the BMP': '\u{1f600}',
} as const;

export type PieceName = keyof typeof pieces;
export const pieceNames = Object.keys(pieces) as PieceName[];

/** A text of exactly so many characters: beginning, repeated piece, end. */
export function grown(name: PieceName, length: number, begin = '', end = ''): string {
  const piece = pieces[name];
  const room = Math.max(0, length - begin.length - end.length);
  return begin + piece.repeat(Math.ceil(room / piece.length)).slice(0, room) + end;
}
