import { Malformed } from '../malformed.ts';

/** Characters that a path is taken apart by, or that end it. */
const delimiters = ['/', '\\', ';', '?', '#', '%'];

/**
 * Refuses a path in which characters outside ASCII become delimiters or dot segments for whoever brings it into a
 * compatibility form (NFKC), as fullwidth letters would: `．．／admin`. Such characters are not compared as what they
 * look like: `ａdmin` is another segment than `admin`.
 */
export function checkCompatibility(decoded: string): Malformed | undefined {
  const normal = decoded.normalize('NFKC');
  if (normal === decoded) return undefined;
  const segments = normal.split('/');
  if (
    delimiters.some((mark) => normal.split(mark).length !== decoded.split(mark).length) ||
    segments.some((segment) => segment === '.' || segment === '..')
  )
    return new Malformed('a character that some readers take for a delimiter or a dot');
  return undefined;
}

/**
 * A path as those read it who ignore case, with its escapes kept. Refused where a character outside ASCII has a letter
 * of ASCII as its other case (the Kelvin sign, a long s, a dotless i): readers disagree about these.
 * @param text with escapes of well-formed UTF-8, in upper case
 */
export function foldCase(text: string): string | Malformed {
  const ascii = text.replace(/[A-Z]/g, (letter, at: number) =>
    isEscape(text, at) ? letter : letter.toLowerCase(),
  );
  let flaw: Malformed | undefined;
  const folded = ascii.replace(/(?:%[89A-F][0-9A-F])+/g, (run) =>
    Array.from(decodeURIComponent(run), (character) => {
      const other = character.toUpperCase().toLowerCase();
      if (/[\0-\x7f]/.test(other + character.toLowerCase()))
        flaw = new Malformed('a character whose other case some readers take for a letter of ASCII');
      return encodeURIComponent(other);
    }).join(''),
  );
  return flaw ?? folded;
}

/** Whether the character at this place is a digit of an escape. */
function isEscape(text: string, at: number): boolean {
  return text[at - 1] === '%' || text[at - 2] === '%';
}
