import { randomUUID } from 'node:crypto';
import { createSigner, type JwtSigner } from './jwt-signer.ts';
import {
  type Answer,
  garbage,
  type ReviewSpec,
  recordedReview,
  reviewed,
  reviewedPod,
} from './recorded-cluster.ts';

export interface ServiceAccountToken {
  namespace: string;
  name: string;
  audiences: string[];
  pod?: string;
  node?: string;
  /** Seconds; 600 by default. */
  lifetime?: number;
  /** Milliseconds since the epoch; the clock by default. */
  now?: number;
}

/** The tokens that a cluster issues, and what it says of them and of the recorded ones. */
export interface ClusterTokens {
  readonly signer: JwtSigner;
  /** As the TokenRequest API issues them. */
  issue(token: ServiceAccountToken): string;
  /** As if its pod or ServiceAccount were deleted. */
  revoke(token: string, why?: string): void;
  /** The answer to a TokenReview. */
  review(spec: ReviewSpec): Answer;
}

const invalidated = 'service account token has been invalidated';

function failure(spec: ReviewSpec, error: string): Answer {
  return { ...garbage, spec, status: { user: {}, error: `[invalid bearer token, ${error}]` } };
}

export function createClusterTokens(issuer: string): ClusterTokens {
  const signer = createSigner('RS256');
  const issued = new Map<string, ServiceAccountToken>();
  const revoked = new Map<string, string>();
  return {
    signer,
    issue: (wanted) => {
      const { namespace, name, audiences, pod, node, lifetime = 600, now = Date.now() } = wanted;
      const iat = Math.floor(now / 1000);
      const token = signer.sign(
        {
          ...{ aud: audiences, exp: iat + lifetime, iat, iss: issuer, jti: randomUUID(), nbf: iat },
          'kubernetes.io': {
            namespace,
            ...(node && { node: { name: node, uid: randomUUID() } }),
            ...(pod && { pod: { name: pod, uid: randomUUID() } }),
            serviceaccount: { name, uid: randomUUID() },
          },
          sub: `system:serviceaccount:${namespace}:${name}`,
        },
        { typ: undefined },
      );
      issued.set(token, wanted);
      return token;
    },
    revoke: (token, why = invalidated) => void revoked.set(token, why),
    review: (spec) => {
      const { token = '', audiences = [issuer] } = spec;
      const known = issued.get(token);
      const why = revoked.get(token);
      if (why !== undefined) return failure(spec, why);
      if (!known) return recordedReview(spec) ?? { ...garbage, spec };
      const common = known.audiences.filter((audience) => audiences.includes(audience));
      if (common.length === 0)
        return failure(
          spec,
          `token audiences ${JSON.stringify(known.audiences)} is invalid for the target audiences ${JSON.stringify(audiences)}`,
        );
      const { status } = (known.pod ? reviewedPod : reviewed) as { status: { user: object } };
      const username = `system:serviceaccount:${known.namespace}:${known.name}`;
      return {
        ...reviewed,
        spec,
        status: { ...status, user: { ...status.user, username, extra: extraOf(token) }, audiences: common },
      };
    },
  };
}

/** What a real API server says of a token beside its user: it reads it from the token itself. */
function extraOf(token: string): Readonly<Record<string, readonly string[]>> {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  const { pod, node } = claims['kubernetes.io'];
  const values = {
    'credential-id': `JTI=${claims.jti}`,
    ...{ 'pod-name': pod?.name, 'pod-uid': pod?.uid, 'node-name': node?.name, 'node-uid': node?.uid },
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[`authentication.kubernetes.io/${name}`, [value]]],
    ),
  );
}
