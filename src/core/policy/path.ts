import { Malformed } from '../../lib/malformed.ts';
import { checkCompatibility, foldCase } from './path-unicode.ts';

const maxLength = 8192;
const maxSegments = 128;
/** RFC 3986 §3.3 pchar and the slash, without `;`: Tomcat cuts parameters off a segment, others keep them. */
const allowed = /^\/[A-Za-z0-9._~!$&'()*+,=:@%/-]*$/;
/** Characters that mean the same when escaped (RFC 3986 §2.4 and §6.2.2.2). */
const plain = /[A-Za-z0-9._~!$&'()*+,=:@-]/;
/** Escapes that some readers decode to delimiters: controls, / \ ? # ; and % before another escape. */
const unsafeEscape = /%(?:[01][0-9A-F]|7F|2F|5C|3F|23|3B)|%25[0-9A-F]{2}/i;

/** A normalized path, as rules are matched against it. */
export interface NormalPath {
  /** With a leading slash. */
  readonly text: string;
  /** The last one is empty if a trailing slash is significant. */
  readonly segments: readonly string[];
}

/** What the applications ignore in a path. */
export interface PathReading {
  readonly ignoreCase: boolean;
  readonly ignoreTrailingSlash: boolean;
}

/** Case-sensitive; one trailing slash is ignored. */
export const asWritten: PathReading = { ignoreCase: false, ignoreTrailingSlash: true };

/**
 * Normalizes a path (RFC 3986 §6.2.2): cuts the query off at the first `?`, decodes escapes of characters
 * that may stand unescaped, and writes other escapes in upper case. `reading` defines case and trailing
 * slash. A path that two readers could interpret differently is refused, never repaired: no leading slash,
 * `//`, dot segments, `\`, `;`, `#`, control or non-ASCII characters, broken or doubled escapes, escaped
 * delimiters and controls, characters that become these in compatibility form, bytes that are not UTF-8.
 */
export function normalizePath(target: string, reading = asWritten): NormalPath | Malformed {
  const query = target.indexOf('?');
  const raw = query < 0 ? target : target.slice(0, query);
  if (raw.length > maxLength) return new Malformed(`longer than ${maxLength} characters`);
  if (!raw.startsWith('/')) return new Malformed('no leading slash');
  if (!allowed.test(raw))
    return new Malformed('a character that is not allowed in a path, or that readers interpret differently');
  const escaped = raw.includes('%') ? normalizeEscapes(raw) : raw;
  if (escaped instanceof Malformed) return escaped;
  const text = reading.ignoreCase ? foldCase(escaped) : escaped;
  if (text instanceof Malformed) return text;
  const segments = text.slice(1).split('/');
  const isSlashAtEnd = segments.at(-1) === '';
  if (isSlashAtEnd) segments.pop();
  if (segments.length > maxSegments) return new Malformed(`more than ${maxSegments} segments`);
  for (const segment of segments) {
    if (segment === '') return new Malformed('an empty segment');
    if (segment === '.' || segment === '..') return new Malformed('a dot segment');
  }
  if (isSlashAtEnd && segments.length > 0 && !reading.ignoreTrailingSlash) segments.push('');
  return { text: isSlashAtEnd ? `/${segments.join('/')}` : text, segments };
}

function normalizeEscapes(raw: string): string | Malformed {
  if (/%(?![0-9A-Fa-f]{2})/.test(raw)) return new Malformed('a broken escape');
  const decoded = decode(raw);
  if (decoded === undefined) return new Malformed('escapes that are not UTF-8');
  const unlike = checkCompatibility(decoded);
  if (unlike) return unlike;
  const text = raw.replace(/%[0-9A-Fa-f]{2}/g, (triplet) => {
    const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return plain.test(character) ? character : triplet.toUpperCase();
  });
  // Checked on the result, so an escape cannot be assembled from pieces (%25%32%65).
  return unsafeEscape.test(text)
    ? new Malformed('an escaped delimiter or control, or a doubled escape')
    : text;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
