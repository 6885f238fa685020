import { isIP } from 'node:net';
import * as z from 'zod';
import { parseSpiffeId, parseSpiffePattern } from '../core/peer/spiffe-id.ts';
import { type HostPattern, parseHostPattern } from '../core/policy/host.ts';
import { normalizePath } from '../core/policy/path.ts';
import { algorithmNames } from '../core/token/algorithms.ts';
import { Malformed } from '../lib/malformed.ts';
import { type Pattern, parsePattern } from '../lib/pattern.ts';
import { readCondition } from './read-condition.ts';

/** A text that a parser turns into a value. The message for a wrong text ends with `right`, an example. */
export function parsed<T>(parse: (text: string) => T | Malformed, right: string) {
  return z.string(`must be a string, such as ${right}`).transform((text, context): T => {
    const value = parse(text);
    if (!(value instanceof Malformed)) return value;
    context.issues.push({ code: 'custom', message: `${value.why}; use for example ${right}`, input: text });
    return z.NEVER;
  });
}

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A duration without a default. */
export const milliseconds = parsed((text) => {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  const factor = units[unit ?? ''];
  return factor === undefined ? new Malformed('is not a duration') : Number(amount) * factor;
}, '500ms, 30s, 5m or 24h');

/** A duration: `500ms`, `30s`, `5m` or `24h`. Milliseconds in the program. */
export function duration(byDefault: string, description: string) {
  return milliseconds.prefault(byDefault).describe(description);
}

/** A setting without a default. */
export function optional<Setting extends z.ZodType>(setting: Setting, description: string) {
  return setting.optional().describe(description);
}

/** A setting that is off by default. */
export function flag(description: string) {
  return z.boolean().default(false).describe(description);
}

/** A list that is empty by default. */
export function list<Entry extends z.ZodType>(entry: Entry, description: string) {
  return z.array(entry).default([]).describe(description);
}

const binaryUnits: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** A size as in Kubernetes: `64Mi`, or a number of bytes. Bytes in the program. */
export const bytes = z.union([
  parsed((text) => {
    const [, amount, unit = ''] = /^(\d{1,9})(Ki|Mi|Gi)?$/.exec(text) ?? [];
    return amount === undefined ? new Malformed('is not a size') : Number(amount) * (binaryUnits[unit] ?? 1);
  }, '64Mi, 512Ki or 1Gi'),
  z.int().min(0, 'must be a size, such as 64Mi'),
]);

/** `host:port`. An IPv6 host is in brackets. */
export const address = parsed((text) => {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65535) return new Malformed('is not an address to listen on');
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}, '0.0.0.0:9001 or [::]:9001');

/** The ID of one workload, without patterns. */
export const spiffeId = parsed(parseSpiffeId, 'spiffe://cluster.local/ns/peerproof/sa/peerproof').transform(
  ({ uri }) => uri,
);

export const spiffePattern = parsed(parseSpiffePattern, 'spiffe://cluster.local/ns/orders/sa/*');

export const trustDomain = z
  .string()
  .regex(
    /^[a-z0-9._-]{1,255}$/,
    'must be a trust domain in lower case without spiffe://, such as cluster.local',
  );

export const hostPattern = parsed<HostPattern>(
  parseHostPattern,
  'orders.example.com, orders.*, **.example.com or orders.example.com:8443',
);

/** Keeps a slash at the end: the setting `paths` decides whether it matters. */
export const pathPattern = parsed<Pattern>((text) => {
  const path = normalizePath(text, { ignoreCase: false, ignoreTrailingSlash: false });
  if (path instanceof Malformed) return path;
  if (/%2a/i.test(text)) return new Malformed('%2A would be read as *, which stands for a whole segment');
  return text.includes('?') ? new Malformed('a path cannot hold a query') : parsePattern(path.segments);
}, '/orders/**');

/** RFC 6749 §3.3. */
export const scope = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope without spaces and quotes, such as orders.read');

/** A path that is compared as it is: without query, escapes or anything else that is ambiguous. */
export const plainPath = z
  .string()
  .regex(/^(?:\/[A-Za-z0-9._~-]+)+$/, 'must be a plain path without a slash at its end, such as /check')
  .refine((path) => !/\/\.\.?(?:\/|$)/.test(path), 'must not hold the segments . or ..');

export const network = parsed((text) => {
  const [, address = '', bits] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const [family, most] = version === 4 ? (['ipv4', 32] as const) : (['ipv6', 128] as const);
  if (version === 0 || Number(bits ?? most) > most) return new Malformed('is not an IP address or network');
  return { address, bits: Number(bits ?? most), family };
}, '10.0.0.7 or 10.0.0.0/8');

export const headerName = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/, 'must be a header name in lower case, such as x-tenant');

/** CEL, compiled and type-checked. */
export const condition = parsed(readCondition, "claims.tenant == request.headers['x-tenant']");

/** `namespace/name` of a Kubernetes object. Each part may be `*`. */
export const kubernetesPattern = parsed<Pattern>((text) => {
  const parts = text.split('/');
  if (
    parts.length !== 2 ||
    !parts.every((part) => part === '*' || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(part))
  )
    return new Malformed('is not namespace/name (* must stand for a whole part)');
  return parts;
}, 'applications/oauthclient or prod/*');

export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be 1 to 63 characters of a-z A-Z 0-9 . _ -');

/** Whether it may be http is checked elsewhere. */
export const urlSuchAs = (example: string) =>
  z.string().refine((text) => {
    const parsedUrl = URL.canParse(text) ? new URL(text) : undefined;
    return (
      /^https?:$/.test(parsedUrl?.protocol ?? '') &&
      !parsedUrl?.username &&
      !parsedUrl?.password &&
      !/[?#]/.test(text)
    );
  }, `must be an https URL without user, query and fragment, such as ${example}`);

export const url = urlSuchAs('https://login.example.com');

const filled = z.string().min(1, 'must not be empty');

export { filled as text };

/** The algorithms of tokens that somebody else signs. */
export const signingAlgorithms = z
  .array(z.enum(algorithmNames))
  .min(1)
  .default(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])
  .describe('Accepted JWS algorithms. Symmetric algorithms and `none` are never accepted.');
