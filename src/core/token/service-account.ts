import { filledText, type JsonObject, recordOf } from '../../lib/json.ts';

/** A Kubernetes ServiceAccount as its token names it. The API server vouches for the names and UIDs. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  /** The pod that the token was projected into. A token of the TokenRequest API may have none. */
  readonly pod: string | undefined;
  readonly podUid: string | undefined;
  /** Where the pod ran when the token was issued, or the node that the token itself is bound to. */
  readonly node: string | undefined;
  readonly nodeUid: string | undefined;
  /** `JTI=` and the `jti` of the token, as audit logs of the API server name it. Not of a legacy token. */
  readonly credentialId: string | undefined;
  /** The Secret of a legacy token. */
  readonly secret: string | undefined;
}

/** `iss` of tokens from Secrets, which have neither `exp` nor `aud` (Kubernetes before 1.24). */
export const legacyIssuer = 'kubernetes/serviceaccount';

const legacy = 'kubernetes.io/serviceaccount/';

/**
 * Reads the ServiceAccount of a token: `kubernetes.io.{namespace, serviceaccount, pod, node}` and `jti`, or the flat
 * claims of a legacy token. Undefined if they are missing or do not match `sub`
 * (`system:serviceaccount:<namespace>:<name>`). Only for claims that the issuer vouches for.
 */
export function readServiceAccount(subject: unknown, claims: JsonObject): ServiceAccount | undefined {
  const account = claims.iss === legacyIssuer ? readLegacy(claims) : readProjected(claims);
  if (!account || subject !== `system:serviceaccount:${account.namespace}:${account.name}`) return undefined;
  return account;
}

function readProjected(claims: JsonObject): ServiceAccount | undefined {
  const facts = recordOf(claims['kubernetes.io']);
  const { name, uid } = named(facts.serviceaccount);
  const namespace = filledText(facts.namespace);
  if (namespace === undefined || name === undefined) return undefined;
  const pod = named(facts.pod);
  const node = named(facts.node);
  const jti = filledText(claims.jti);
  return {
    namespace,
    name,
    uid,
    pod: pod.name,
    podUid: pod.uid,
    node: node.name,
    nodeUid: node.uid,
    credentialId: jti && `JTI=${jti}`,
    secret: undefined,
  };
}

function readLegacy(claims: JsonObject): ServiceAccount | undefined {
  const namespace = filledText(claims[`${legacy}namespace`]);
  const name = filledText(claims[`${legacy}service-account.name`]);
  if (namespace === undefined || name === undefined) return undefined;
  const uid = filledText(claims[`${legacy}service-account.uid`]);
  const secret = filledText(claims[`${legacy}secret.name`]);
  return { ...unbound, namespace, name, uid, secret };
}

/** A legacy token is bound to nothing but its Secret. */
const unbound = {
  pod: undefined,
  podUid: undefined,
  node: undefined,
  nodeUid: undefined,
  credentialId: undefined,
} as const;

function named(value: unknown): { name: string | undefined; uid: string | undefined } {
  const { name, uid } = recordOf(value);
  return { name: filledText(name), uid: filledText(uid) };
}
