/** The language of conditions: CEL with a fixed set of names, each with a type. Nothing else exists. */
import { Environment } from '@marcbachmann/cel-js';
import { kubernetesWorkload, type SpiffeId } from '../../peer/spiffe-id.ts';
import type { VerifiedPeer } from '../../peer/verify-peer.ts';
import { actorNames } from '../../token/actors.ts';
import type { ServiceAccount } from '../../token/service-account.ts';
import type { VerifiedToken } from '../../token/verified-token.ts';
import { registerOurs } from './functions.ts';

const text = 'string';
const texts = 'list<string>';

/**
 * The objects that an expression can name, and the types of their fields. Reading a missing field is an
 * error, and an error denies; two missing values never compare equal. `has(token.client_id)` tests for it.
 */
export const objects = {
  request: {
    method: text,
    /** In lower case, without port. */
    host: text,
    /** In the form that rules are matched against, without the query. */
    path: text,
    /** By lower-case name; several values are joined with `,`. One without a value is absent. */
    headers: 'map<string, string>',
    /** Of the check. */
    time: 'google.protobuf.Timestamp',
  },
  token: {
    subject: text,
    /** The name in the configuration; `claims.iss` is the URL. */
    issuer: text,
    client_id: text,
    scopes: texts,
    audiences: texts,
    /** The current actor: its `sub`, else its `client_id`. Behind its `iss`, if another issuer named it. */
    actor: text,
    /** All of them, the current one first. Empty if there is none. */
    actors: texts,
  },
  peer: {
    spiffe_id: text,
    trust_domain: text,
    namespace: text,
    service_account: text,
    /** Where it was read from, such as `xfcc`. */
    source: text,
    /** `x5t#S256` of its certificate. */
    thumbprint: text,
    /** The SPIFFE ID of the gateway that vouches for it. */
    via: text,
  },
  serviceAccount: {
    namespace: text,
    name: text,
    pod: text,
    node: text,
    node_uid: text,
    /** `JTI=` and the `jti` of the token. */
    credential_id: text,
  },
} as const satisfies Record<string, Record<string, string>>;

export type ObjectName = keyof typeof objects;

/** Own names only: `constructor` is not an object. */
export function isObjectName(name: string): name is ObjectName {
  return Object.hasOwn(objects, name);
}

/** The type of a field, if the object has it. */
export function fieldType(object: ObjectName, field: string): string | undefined {
  const fields: Readonly<Record<string, string>> = objects[object];
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

/** An empty text counts as missing: RFC 9110 lets proxies drop it, OIDC Core §5.3.2 wants it omitted. */
function present(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** `request` for one check. */
export class RequestFacts {
  readonly method: string;
  readonly host: string | undefined;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly time: unknown;

  constructor(
    method: string,
    host: string | undefined,
    path: string,
    headers: ReadonlyMap<string, string>,
    now: number,
  ) {
    this.method = method;
    this.host = host;
    this.path = path;
    this.headers = headers;
    // biome-ignore lint/style/noRestrictedGlobals: CEL needs the given time in this form; no clock is read.
    this.time = new Date(now);
  }
}

/** What a condition can read of a token. Its actors were read before, so they are known here. */
export type ConditionToken = Pick<
  VerifiedToken,
  'subject' | 'issuer' | 'iss' | 'clientId' | 'scopes' | 'audiences' | 'claims'
>;

/** `token` for one check. */
export class TokenFacts {
  readonly subject: string | undefined;
  readonly issuer: string;
  readonly client_id: string | undefined;
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  readonly actor: string | undefined;
  readonly actors: readonly string[];

  constructor(token: ConditionToken) {
    this.subject = present(token.subject);
    this.issuer = token.issuer;
    this.client_id = present(token.clientId);
    this.scopes = token.scopes;
    this.audiences = token.audiences;
    this.actors = actorNames(token) ?? [];
    this.actor = this.actors[0];
  }
}

/** `peer` for one check. */
export class PeerFacts {
  readonly spiffe_id: string | undefined;
  readonly trust_domain: string | undefined;
  readonly namespace: string | undefined;
  readonly service_account: string | undefined;
  readonly source: string | undefined;
  readonly thumbprint: string | undefined;
  readonly via: string | undefined;

  constructor(peer: VerifiedPeer | undefined) {
    const id: SpiffeId | undefined = peer?.spiffeId;
    const workload = id && kubernetesWorkload(id);
    this.spiffe_id = id?.uri;
    this.trust_domain = id?.trustDomain;
    this.namespace = workload?.namespace;
    this.service_account = workload?.serviceAccount;
    this.source = peer?.source;
    this.thumbprint = peer?.thumbprint;
    this.via = peer?.via?.uri;
  }
}

/** `serviceAccount` for one check. */
export class ServiceAccountFacts {
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly pod: string | undefined;
  readonly node: string | undefined;
  readonly node_uid: string | undefined;
  readonly credential_id: string | undefined;

  constructor(account: ServiceAccount | undefined) {
    this.namespace = present(account?.namespace);
    this.name = present(account?.name);
    this.pod = present(account?.pod);
    this.node = present(account?.node);
    this.node_uid = present(account?.nodeUid);
    this.credential_id = present(account?.credentialId);
  }
}

/** Of one expression: nodes, nesting, elements of a list that is written out. */
const limits = { maxAstNodes: 1_000, maxDepth: 50, maxListElements: 500, maxCallArguments: 8 };

export const language = registerOurs(new Environment({ limits }))
  .registerType('Request', { ctor: RequestFacts, fields: objects.request })
  .registerType('Token', { ctor: TokenFacts, fields: objects.token })
  .registerType('Peer', { ctor: PeerFacts, fields: objects.peer })
  .registerType('ServiceAccount', { ctor: ServiceAccountFacts, fields: objects.serviceAccount })
  .registerVariable('request', 'Request')
  .registerVariable('token', 'Token')
  .registerVariable('peer', 'Peer')
  .registerVariable('serviceAccount', 'ServiceAccount')
  .registerVariable('claims', 'map<string, dyn>');
