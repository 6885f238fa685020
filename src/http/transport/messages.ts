import { validateHeaderName, validateHeaderValue } from 'node:http';

/** One HTTP request as it arrived. Nothing in it is trusted, and the body is not part of it. */
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
}

export interface HttpAnswer {
  /** 200 to 599. */
  readonly status: number;
  /** Without headers that frame a message, such as `content-length`. The transport writes those. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export type Answer = (check: HttpCheck) => Promise<HttpAnswer>;

/** The answer if there is none, or none that can be sent. */
const failed: HttpAnswer = { status: 500, headers: [], body: '' };

const framing = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The answer to a check, or a 500 if it cannot be sent as it is. Never rejects. */
export async function answerTo(check: HttpCheck, answer: Answer): Promise<HttpAnswer> {
  try {
    const given = await answer(check);
    return isSendable(given) ? given : failed;
  } catch {
    return failed;
  }
}

/** Checked before the first byte is written, so that a mistake cannot end in half an answer. */
function isSendable({ status, headers, body }: HttpAnswer): boolean {
  if (!Number.isInteger(status) || status < 200 || status > 599 || typeof body !== 'string') return false;
  for (const [name, value] of headers) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    if (framing.has(name.toLowerCase())) return false;
  }
  return true;
}

/** Whether an answer with this status never has a body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

const none: ReadonlySet<string> = new Set();

/** Keeps all values. Node's own `headers` keeps only the first Authorization line, for example. */
export function joinHeaders(
  raw: readonly string[],
  cookieSeparator: ',' | '; ',
): { readonly headers: Record<string, string>; readonly repeated: ReadonlySet<string> } {
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
