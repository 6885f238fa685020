import { Malformed } from '../lib/malformed.ts';
import type { SentRequest } from './sent-request.ts';
import { shellWords } from './shell-words.ts';

/** Reads a file that a command line names. */
export type ReadFile = (path: string) => string;

interface Parts {
  method: string | undefined;
  url: string | undefined;
  readonly headers: [string, string][];
  readonly data: string[];
  certificate: string | undefined;
  asQuery: boolean;
  pathAsIs: boolean;
}

type Apply = (parts: Parts, value: string, read: ReadFile) => void;

/**
 * Reads a `curl` command line: the request that it would send. The usual options are known; all others are
 * refused by name, because they might change the request.
 * @throws what `read` throws
 */
export function readCurl(line: string, read: ReadFile): SentRequest | Malformed {
  const words = shellWords(line);
  if (words instanceof Malformed) return words;
  const [program, ...rest] = words;
  if (program !== 'curl') return new Malformed('the command line does not begin with curl');
  const parts: Parts = {
    method: undefined,
    url: undefined,
    headers: [],
    data: [],
    certificate: undefined,
    asQuery: false,
    pathAsIs: false,
  };
  const problem = readOptions(rest, parts, read);
  if (problem) return problem;
  const { url, asQuery, data, headers, certificate } = parts;
  if (url === undefined) return new Malformed('the command line has no URL');
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `https://${url}`;
  if (!URL.canParse(whole)) return new Malformed(`${JSON.stringify(url)} is not a URL`);
  const target = readTarget(whole, parts.pathAsIs);
  const body = data.length > 0 && !asQuery ? data.join('&') : undefined;
  const query = asQuery && data.length > 0 ? `${target.path.includes('?') ? '&' : '?'}${data.join('&')}` : '';
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const isForm = body !== undefined && !headers.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    method: parts.method ?? (body === undefined ? 'GET' : 'POST'),
    host: host ?? target.host,
    path: target.path + query,
    headers: [
      ...headers.filter(([name]) => name.toLowerCase() !== 'host'),
      ...(isForm ? [['content-type', 'application/x-www-form-urlencoded'] as const] : []),
    ],
    ...(body !== undefined && { body }),
    ...(certificate !== undefined && { certificate }),
  };
}

/** The path as `curl` sends it: as written, but without dot segments, unless it is told to leave them in. */
function readTarget(url: string, asIs: boolean): { readonly host: string; readonly path: string } {
  const [, authority = '', path = '', query = ''] = /^[^:]*:\/\/([^/?#]*)([^?#]*)([^#]*)/.exec(url) ?? [];
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  // A client does not write the default port into the Host.
  const usual = url.startsWith('https:') ? /:443$/ : /:80$/;
  return { host: host.replace(usual, ''), path: (asIs ? path : withoutDots(path)) + query };
}

/** RFC 3986 §5.2.4. */
function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
    if (index === segments.length - 1 && /^\.\.?$/.test(segment)) kept.push('');
  }
  return `/${kept.join('/')}`;
}

function readOptions(words: readonly string[], parts: Parts, read: ReadFile): Malformed | undefined {
  let isPlain = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (isPlain || !word.startsWith('-') || word === '-') {
      if (parts.url !== undefined) return new Malformed(`more than one URL: ${JSON.stringify(word)}`);
      parts.url = word;
    } else if (word === '--') isPlain = true;
    else {
      const taken = readOption(word, words[index + 1], parts, read);
      if (taken instanceof Malformed) return taken;
      index += taken;
    }
  }
  return undefined;
}

/** @returns how many of the next words belong to the option */
function readOption(
  word: string,
  next: string | undefined,
  parts: Parts,
  read: ReadFile,
): number | Malformed {
  if (!word.startsWith('--')) return readShort(word, next, parts, read);
  const [, name = '', , joined] = /^(--[^=]+)(=(.*))?$/s.exec(word) ?? [];
  const apply = withValue[name];
  if (!apply) {
    const flag = flags[name];
    if (!flag || joined !== undefined) return unknown(name || word);
    flag(parts);
    return 0;
  }
  const value = joined ?? next;
  if (value === undefined) return new Malformed(`${name} needs a value`);
  apply(parts, value, read);
  return joined === undefined ? 1 : 0;
}

/** One letter after the other, as in `-sk`. The value follows in the same word (`-XPOST`) or in the next. */
function readShort(word: string, next: string | undefined, parts: Parts, read: ReadFile): number | Malformed {
  for (let at = 1; at < word.length; at++) {
    const name = `-${word[at]}`;
    const apply = withValue[name];
    if (apply) {
      const joined = word.slice(at + 1);
      const value = joined === '' ? next : joined;
      if (value === undefined) return new Malformed(`${name} needs a value`);
      apply(parts, value, read);
      return joined === '' ? 1 : 0;
    }
    const flag = flags[name];
    if (!flag) return unknown(name);
    flag(parts);
  }
  return 0;
}

function unknown(name: string): Malformed {
  return new Malformed(
    `the curl option ${name} is not known here: leave it out if it does not change the request`,
  );
}

const header: Apply = ({ headers }, value, read) => {
  const lines = value.startsWith('@') ? read(value.slice(1)).split(/\r?\n/) : [value];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const [name, text] = [line.slice(0, Math.max(0, colon)).trim(), line.slice(colon + 1).trim()];
    // `Name:` takes a header away that curl would send, and `Name;` sends an empty one.
    if (name !== '' && text !== '') headers.push([name, text]);
    else if (colon < 0 && line.endsWith(';')) headers.push([line.slice(0, -1).trim(), '']);
  }
};
const data: Apply = ({ data: list }, value, read) => {
  list.push(value.startsWith('@') ? read(value.slice(1)).replace(/[\r\n]/g, '') : value);
};
const raw: Apply = ({ data: list }, value) => void list.push(value);
const binary: Apply = ({ data: list }, value, read) =>
  void list.push(value.startsWith('@') ? read(value.slice(1)) : value);
const encoded: Apply = ({ data: list }, value) => {
  const [, name = '', text = value] = /^([^=]*=)(.*)$/s.exec(value) ?? [];
  list.push((name === '=' ? '' : name) + encodeURIComponent(text));
};
const method: Apply = (parts, value) => {
  parts.method = value;
};
const url: Apply = (parts, value) => {
  parts.url = value;
};
const certificate: Apply = (parts, value, read) => {
  parts.certificate = read(value.replace(/(?<!^[A-Za-z]):[^:/\\]*$/, ''));
};
const named =
  (name: string, prefix = ''): Apply =>
  ({ headers }, value) =>
    void headers.push([name, prefix + value]);
const basic: Apply = ({ headers }, value) =>
  void headers.push(['authorization', `Basic ${Buffer.from(value).toString('base64')}`]);
const ignored: Apply = () => undefined;

/** Options with a value. */
const withValue: Readonly<Record<string, Apply | undefined>> = Object.assign(Object.create(null), {
  ...{ '-X': method, '--request': method, '--url': url, '-H': header, '--header': header },
  ...{ '-d': data, '--data': data, '--data-ascii': data, '--data-raw': raw, '--data-binary': binary },
  ...{ '--data-urlencode': encoded, '-E': certificate, '--cert': certificate, '-u': basic, '--user': basic },
  ...{ '-A': named('user-agent'), '--user-agent': named('user-agent'), '-b': named('cookie') },
  ...{ '--cookie': named('cookie'), '-e': named('referer'), '--referer': named('referer') },
  '--oauth2-bearer': named('authorization', 'Bearer '),
  ...{ '--key': ignored, '--cacert': ignored, '--capath': ignored, '--resolve': ignored },
  ...{ '--connect-to': ignored, '-o': ignored, '--output': ignored, '-m': ignored, '--max-time': ignored },
  ...{ '--connect-timeout': ignored, '-w': ignored, '--write-out': ignored, '--retry': ignored },
  ...{ '-x': ignored, '--proxy': ignored, '--key-type': ignored, '--cert-type': ignored },
});

type Flag = (parts: Parts) => void;
const nothing: Flag = () => undefined;
const head: Flag = (parts) => {
  parts.method = 'HEAD';
};
const pathAsIs: Flag = (parts) => {
  parts.pathAsIs = true;
};
const get: Flag = (parts) => {
  parts.asQuery = true;
};

/** Options without a value. Most of them do not change what is sent. */
const flags: Readonly<Record<string, Flag | undefined>> = Object.assign(Object.create(null), {
  ...{ '-I': head, '--head': head, '-G': get, '--get': get, '--path-as-is': pathAsIs },
  ...Object.fromEntries(
    [
      ...['-k', '--insecure', '-s', '--silent', '-S', '--show-error', '-v', '--verbose', '-i', '--include'],
      ...['-L', '--location', '-f', '--fail', '--fail-with-body', '-N', '--no-buffer', '-g', '--globoff'],
      ...['--compressed', '--http1.1', '--http2', '--http2-prior-knowledge', '-4', '-6', '-O'],
      ...['-#', '--progress-bar', '--no-progress-meter', '--tlsv1.2', '--tlsv1.3'],
    ].map((name) => [name, nothing]),
  ),
});
