import type { Malformed } from '../../lib/malformed.ts';
import type { Soon } from '../../lib/soon.ts';

/** One HTTP request as it arrived. Nothing in it is trusted. */
export interface HttpCheck {
  readonly method: string;
  /** As received. It may also be absolute, or `*`. */
  readonly target: string;
  /**
   * `Host` or `:authority`. Empty if both are missing. Different values are joined with `,`, which cannot
   * stand in a host. Whether an absolute `target` names the same host is **not** checked.
   */
  readonly host: string;
  /**
   * Lower-case names without a prototype. All values of a name are joined with `,`. Only the crumbs of an
   * HTTP/2 cookie are joined with `; `, because HTTP/2 splits that header. A character is a byte (Latin-1).
   */
  readonly headers: Readonly<Record<string, string>>;
  /** The names that came more than once. */
  readonly repeated: ReadonlySet<string>;
  /** The address of the TCP connection. Empty if it has ended. */
  readonly remoteAddress: string;
  /**
   * Reads the body, as `readArriving` does. Absent if the request has none. Must be called at once, or not at
   * all: a body that nobody asks for is dropped.
   */
  readonly readBody?: () => Promise<string | Malformed>;
}

export interface HttpAnswer {
  /** 200 to 599. */
  readonly status: number;
  /** Without headers that frame a message, such as `content-length`. The transport writes those. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export type Answer = (check: HttpCheck) => Soon<HttpAnswer>;

const none: ReadonlySet<string> = new Set();

export interface JoinedHeaders extends Pick<HttpCheck, 'repeated'> {
  readonly headers: Record<string, string>;
}

/** Keeps all values. Node's own `headers` keeps only the first Authorization line, for example. */
export function joinHeaders(raw: readonly string[], cookieSeparator: ',' | '; '): JoinedHeaders {
  const headers: Record<string, string> = Object.create(null);
  let repeated: Set<string> | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? '';
    const value = trimmed(raw[index + 1] ?? '');
    const before = headers[name];
    if (before === undefined) {
      headers[name] = value;
      continue;
    }
    repeated ??= new Set();
    repeated.add(name);
    headers[name] = before + (name === 'cookie' ? cookieSeparator : ',') + value;
  }
  return { headers, repeated: repeated ?? none };
}

/** Removes spaces around a value (RFC 9110 §5.5). `trim` removes more, and a regular expression is slow. */
function trimmed(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isSpace(value.charCodeAt(start))) start++;
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--;
  return end - start === value.length ? value : value.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
