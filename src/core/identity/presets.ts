import type { Findings } from '../findings.ts';
import { actorNames } from '../token/actors.ts';
import { senderId } from '../token/sender-id.ts';
import { headerValue } from './header-value.ts';

/** What the value of a managed header is made from: the findings, and the access token as it was sent. */
export interface Known extends Readonly<Omit<Findings, 'path'>> {
  /** The verified bearer token of this request. Undefined unless the settings pass it on. */
  readonly accessToken?: string | undefined;
  /** The token that says what was proven. Undefined unless `identity.token` is set. */
  readonly internalToken?: string | undefined;
}

/** A managed header: the text about its value in the documentation, and the value. */
export interface ManagedHeader {
  readonly from: string;
  readonly value: (known: Known) => string | undefined;
}

type Table = Readonly<Record<string, ManagedHeader>>;

const user: ManagedHeader = { from: '`sub`', value: ({ person }) => single(person?.user) };
const email: ManagedHeader = { from: '`email`', value: ({ person }) => single(person?.email) };
const preferredUsername: ManagedHeader = {
  from: '`preferred_username`',
  value: ({ person }) => single(person?.preferredUsername),
};
const groups: ManagedHeader = {
  from: '`groups`, joined with `,`',
  value: ({ person }) => list(person?.groups, ','),
};
const accessToken: ManagedHeader = {
  from: 'the access token, with `passAccessToken`',
  value: (known) => known.accessToken,
};

const standard: Table = {
  'x-auth-request-user': user,
  'x-auth-request-email': email,
  'x-auth-request-preferred-username': preferredUsername,
  'x-auth-request-groups': groups,
  'x-auth-request-scope': {
    from: '`scope` or `scp`, joined with a space',
    value: ({ token }) => list(token?.scopes, ' '),
  },
  'x-auth-request-client-id': {
    from: '`client_id`, else `azp`; before a token endpoint the client that was proven',
    value: ({ token, client }) => single(client ?? token?.clientId),
  },
  'x-auth-request-actor': {
    from: 'the current actor: `sub` of `act`, else its `client_id`',
    value: ({ token }) => single(token && actorNames(token)?.[0]),
  },
  'x-auth-request-issuer': { from: '`iss`', value: ({ token }) => single(token?.iss) },
  'x-auth-request-access-token': accessToken,
  'x-kubernetes-namespace': {
    from: 'namespace of the ServiceAccount',
    value: ({ token }) => single(token?.serviceAccount?.namespace),
  },
  'x-kubernetes-service-account': {
    from: 'name of the ServiceAccount',
    value: ({ token }) => single(token?.serviceAccount?.name),
  },
  'x-kubernetes-pod': { from: 'pod of the token', value: ({ token }) => single(token?.serviceAccount?.pod) },
  'x-spiffe-id': {
    from: 'the SPIFFE ID of the sender: `sub` of its WIT, else that of the peer',
    value: (known) => single(senderId(known)),
  },
  'x-forwarded-client-cert': {
    from: 'only the elements that the mesh itself wrote',
    value: ({ peer }) => peer?.forwarded,
  },
  'x-client-certificate': { from: 'always removed', value: () => undefined },
};

/**
 * The headers that a client can never supply, because each is set or removed on every allow. `oauth2-proxy`
 * has those of its answers and those of its requests to upstreams.
 */
export const presets = {
  standard,
  'oauth2-proxy': {
    ...standard,
    'gap-auth': {
      from: '`email`, else `sub`',
      value: ({ person }) => single(person?.email ?? person?.user),
    },
    'x-forwarded-user': user,
    'x-forwarded-email': { ...email, from: '`email`, else `sub`' },
    'x-forwarded-preferred-username': preferredUsername,
    'x-forwarded-groups': groups,
    'x-forwarded-access-token': accessToken,
  },
} as const satisfies Record<string, Table>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as PresetName[];

export function single(value: string | undefined): string | undefined {
  return value ? headerValue([value]) : undefined;
}

export function list(values: readonly string[] | undefined, separator: ',' | ' '): string | undefined {
  return values?.length ? headerValue(values, separator) : undefined;
}
