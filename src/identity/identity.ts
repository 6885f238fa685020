import type { Findings } from '../decision.ts';
import { headerValue } from './header-value.ts';

/** What the application learns of the caller, whichever door and whichever form it goes out in. */
export interface Identity {
  /** Lower-case name and value, each replacing whatever the client sent. */
  readonly set: readonly (readonly [name: string, value: string])[];
  /** Names to remove: managed headers without a value, and every spelling that could pass for a managed one. */
  readonly remove: readonly string[];
}

/** One managed header: what the README says of its value, and where that comes from. */
interface ManagedHeader {
  readonly from: string;
  readonly value: (found: Readonly<Findings>) => string | undefined;
}

/** The managed headers: a client can never supply one, because each is set or removed on every allow. */
export const managedHeaders: Readonly<Record<string, ManagedHeader>> = {
  'x-auth-request-user': { from: '`sub`', value: ({ token }) => single(token?.subject) },
  'x-auth-request-email': { from: '`email`', value: ({ token }) => single(token?.claims.email) },
  'x-auth-request-preferred-username': {
    from: '`preferred_username`',
    value: ({ token }) => single(token?.claims.preferred_username),
  },
  'x-auth-request-groups': {
    from: '`groups`, joined with `,`',
    value: ({ token }) => list(token?.claims.groups, ','),
  },
  'x-auth-request-scope': {
    from: '`scope` or `scp`, joined with a space',
    value: ({ token }) => list(token?.scopes, ' '),
  },
  'x-auth-request-client-id': {
    from: '`client_id`, else `azp`',
    value: ({ token }) => single(token?.clientId),
  },
  'x-auth-request-issuer': { from: '`iss`', value: ({ token }) => single(token?.iss) },
  'x-kubernetes-namespace': {
    from: 'namespace of the ServiceAccount',
    value: ({ token }) => single(token?.serviceAccount?.namespace),
  },
  'x-kubernetes-service-account': {
    from: 'name of the ServiceAccount',
    value: ({ token }) => single(token?.serviceAccount?.name),
  },
  'x-kubernetes-pod': { from: 'pod of the token', value: ({ token }) => single(token?.serviceAccount?.pod) },
  'x-spiffe-id': { from: 'the SPIFFE ID of the peer', value: ({ peer }) => single(peer?.spiffeId?.uri) },
  'x-forwarded-client-cert': {
    from: 'only the elements that the mesh itself wrote',
    value: ({ peer }) => peer?.forwarded,
  },
  'x-client-certificate': { from: 'always removed', value: () => undefined },
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
    const value = managedHeaders[name]?.value(found);
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
