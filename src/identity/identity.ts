import type { Findings } from '../decision.ts';
import { headerValue } from './header-value.ts';

/** What the application learns of the caller, whichever door and whichever form it goes out in. */
export interface Identity {
  /** Lower-case name and value, each replacing whatever the client sent. */
  readonly set: readonly (readonly [name: string, value: string])[];
  /** Names to remove: managed headers without a value, and every spelling that could pass for a managed one. */
  readonly remove: readonly string[];
}

/** The managed headers: a client can never supply one. Each row says where its value comes from. */
export const managedHeaders: Readonly<Record<string, (found: Readonly<Findings>) => string | undefined>> = {
  'x-auth-request-user': ({ token }) => single(token?.subject),
  'x-auth-request-email': ({ token }) => single(token?.claims.email),
  'x-auth-request-preferred-username': ({ token }) => single(token?.claims.preferred_username),
  'x-auth-request-groups': ({ token }) => list(token?.claims.groups, ','),
  'x-auth-request-scope': ({ token }) => list(token?.scopes, ' '),
  'x-auth-request-client-id': ({ token }) => single(token?.clientId),
  'x-auth-request-issuer': ({ token }) => single(token?.iss),
  'x-spiffe-id': ({ peer }) => single(peer?.spiffeId?.uri),
  // Envoy's own elements only: what stood before them is the client's word.
  'x-forwarded-client-cert': ({ peer }) => peer?.forwarded,
  // Filled by a filter of ours where a peer is read from it; the application must not read the client's.
  'x-client-certificate': () => undefined,
};

const names = Object.keys(managedHeaders);
const underscored = names.map((name) => name.replaceAll('-', '_'));
const managed = new Set(names);

/**
 * The identity headers of an allowed request. Each managed header is set or removed, so that an absent claim never
 * leaves the client's own header standing; with it go its spelling with `_` for `-`, which CGI, WSGI and many
 * frameworks take for the same, and every mixed spelling that the request in fact carries.
 */
export function identityHeaders(found: Readonly<Findings>, sent: Readonly<Record<string, string>>): Identity {
  const set: [string, string][] = [];
  const remove = [...underscored];
  for (const name of names) {
    const value = managedHeaders[name]?.(found);
    if (value === undefined || value === '') remove.push(name);
    else set.push([name, value]);
  }
  for (const name of Object.keys(sent)) {
    if (!name.includes('_')) continue;
    const plain = name.toLowerCase().replaceAll('_', '-');
    if (managed.has(plain) && !remove.includes(name)) remove.push(name);
  }
  return { set, remove };
}

function single(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? headerValue([value]) : undefined;
}

/** A list, or a scalar as a list of one. */
function list(value: unknown, separator: ',' | ' '): string | undefined {
  const texts = (Array.isArray(value) ? value : [value]).filter(
    (one) => typeof one === 'string' && one !== '',
  );
  return texts.length > 0 ? headerValue(texts as string[], separator) : undefined;
}
