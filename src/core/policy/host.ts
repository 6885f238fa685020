import { Malformed } from '../../lib/malformed.ts';
import { matchesPattern, type Pattern, parsePattern } from '../../lib/pattern.ts';

const hostForm = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_-])?)$/;
const tailForm = /\.?(?::\d{1,5})?$/;
/** A host in lower case without a tail, as almost all are. It has hostForm, and no two dots in a row. */
const usualForm = /^[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)*$/;

/** The host of a request, in lower case. Two hosts are the same where labels and tail are. */
export interface Host {
  /** An IPv6 literal is one label. */
  readonly labels: readonly string[];
  /** What follows the name: a final dot, a port, or both. `''` if there is neither. */
  readonly tail: string;
}

/** A host of a rule: labels with wildcards, and the exact tail. A wildcard never matches a tail. */
export interface HostPattern {
  readonly labels: Pattern;
  readonly tail: string;
}

/**
 * What the proxy ignores when it chooses a virtual host. Undefined means unknown: then a request is allowed
 * only if both answers lead to the same rule.
 */
export interface HostReading {
  readonly ignorePort?: boolean | undefined;
  readonly ignoreTrailingDot?: boolean | undefined;
}

/**
 * Reads a Host header. Characters outside ASCII are refused before the change of case. Hosts are not cached:
 * a usual one is read in the time that a cache takes to find it, and thousands need no memory.
 */
export function parseHost(text: string): Host | Malformed {
  if (text.length > 260) return new Malformed('longer than a host name can be');
  if (usualForm.test(text)) return { labels: labelsOf(text), tail: '' };
  // Some characters outside ASCII become ASCII letters in lower case.
  if (!/^[!-~]*$/.test(text)) return new Malformed('not a host name');
  const lower = text.toLowerCase();
  const tail = tailForm.exec(lower)?.[0] ?? '';
  const name = lower.slice(0, lower.length - tail.length);
  if (!hostForm.test(name) || name.includes('..')) return new Malformed('not a host name');
  return { labels: name.startsWith('[') ? [name] : labelsOf(name), tail };
}

/** Faster than `split` for texts that come once. */
function labelsOf(name: string): readonly string[] {
  const labels: string[] = [];
  let from = 0;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', from)) {
    labels.push(name.slice(from, dot));
    from = dot + 1;
  }
  labels.push(name.slice(from));
  return labels;
}

/** Reads a host of a rule, such as `orders.*` or `status.example.com:8443`. */
export function parseHostPattern(text: string): HostPattern | Malformed {
  const tail = tailForm.exec(text)?.[0] ?? '';
  const name = text.slice(0, text.length - tail.length).toLowerCase();
  const labels = parsePattern(name.startsWith('[') ? [name] : name.split('.'));
  if (labels instanceof Malformed) return labels;
  // With each wildcard replaced by a legal label, the text must be a host.
  const plain = parseHost(labels.map((label) => (label.startsWith('*') ? 'x' : label)).join('.') + tail);
  if (plain instanceof Malformed) return plain;
  const port = /:(\d+)$/.exec(tail)?.[1];
  if (port !== undefined && !(/^[1-9]/.test(port) && Number(port) <= 65_535))
    return new Malformed('not a port from 1 to 65535');
  return { labels, tail };
}

export function matchesHost(pattern: HostPattern, host: Host): boolean {
  return pattern.tail === host.tail && matchesPattern(pattern.labels, host.labels);
}

export function hostText({ labels, tail }: Host): string {
  return labels.join('.') + tail;
}

/** The host that the proxy compares, then each other that it may compare, if that is not configured. */
export function possibleHosts(host: Host, reading: HostReading): readonly [Host, ...Host[]] {
  if (host.tail === '') return [host];
  const dot = host.tail.startsWith('.') ? '.' : '';
  const port = host.tail.slice(dot.length);
  const dots = variants(dot, reading.ignoreTrailingDot);
  const ports = variants(port, reading.ignorePort);
  const [first = '', ...others] = dots.flatMap((d) => ports.map((p) => d + p));
  return [{ ...host, tail: first }, ...others.map((tail) => ({ ...host, tail }))];
}

function variants(part: string, ignored: boolean | undefined): readonly string[] {
  if (part === '' || ignored === true) return [''];
  return ignored === false ? [part] : [part, ''];
}
