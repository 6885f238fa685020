import type { Case, Group, Item } from './case.ts';
import { group as algorithms } from './groups/01-algorithms.ts';
import { group as keyId } from './groups/02-key-id.ts';
import { group as contents } from './groups/03-contents.ts';
import { group as shape } from './groups/03-shape.ts';
import { group as issuer } from './groups/04-issuer.ts';
import { group as time } from './groups/05-time.ts';
import { group as kind } from './groups/06-kind.ts';
import { group as workloadTokens } from './groups/06-workload-tokens.ts';
import { group as authorization } from './groups/07-authorization.ts';
import { group as certificate } from './groups/08-certificate.ts';
import { group as chain } from './groups/08-chain.ts';
import { group as forwarded } from './groups/08-forwarded.ts';
import { group as pairs } from './groups/08-pairs.ts';
import { group as spiffe } from './groups/09-spiffe.ts';
import { group as confirmation } from './groups/10-confirmation.ts';
import { group as claims } from './groups/11-claims.ts';
import { group as headers } from './groups/11-headers.ts';
import { group as internalToken } from './groups/11-internal-token.ts';
import { group as ruleClaims } from './groups/11-rules.ts';
import { group as host } from './groups/12-host.ts';
import { group as path } from './groups/12-path.ts';
import { group as metadata } from './groups/12-resource-metadata.ts';
import { group as caches } from './groups/13-caches.ts';
import { group as tokenReview } from './groups/14-token-review.ts';
import { group as keySets } from './groups/15-key-sets.ts';
import { group as grpc } from './groups/16-grpc.ts';
import { group as messages } from './groups/16-messages.ts';
import { group as logs } from './groups/17-logs.ts';
import { group as endpoint } from './groups/18-endpoint.ts';
import { group as forwardAuth } from './groups/18-forward-auth.ts';
import { group as http } from './groups/18-http.ts';
import { group as transport } from './groups/18-transport.ts';
import { group as clientAssertion } from './groups/19-client-assertion.ts';
import { group as forms } from './groups/19-forms.ts';
import { group as httpBodies } from './groups/19-http-bodies.ts';
import { group as spiffeClients } from './groups/19-spiffe-clients.ts';
import { group as introspection } from './groups/20-introspection.ts';
import { group as destination } from './groups/21-destination.ts';
import { group as dpop } from './groups/22-dpop.ts';
import { group as dpopProof } from './groups/22-dpop-proof.ts';
import { group as wit } from './groups/23-wit.ts';
import { group as witBeside } from './groups/23-wit-beside.ts';
import { group as workloadIdentity } from './groups/23-workload-identity.ts';
import { group as usedOnce } from './groups/24-used-once.ts';
import { group as delegation } from './groups/25-delegation.ts';
import { group as revoked } from './groups/26-revoked.ts';

/** Every group. A long group has several files. */
export const groups: readonly Group[] = merged([
  ...[algorithms, keyId, shape, contents, issuer, time, kind, workloadTokens, authorization],
  ...[certificate, chain, forwarded, pairs, spiffe, confirmation, headers, claims, ruleClaims, path, host],
  metadata,
  internalToken,
  ...[caches, tokenReview, keySets, grpc, messages, logs],
  ...[http, transport, forwardAuth, endpoint, clientAssertion, forms, spiffeClients, httpBodies],
  ...[
    introspection,
    destination,
    dpop,
    dpopProof,
    wit,
    workloadIdentity,
    witBeside,
    usedOnce,
    delegation,
    revoked,
  ],
]);

function merged(parts: readonly Group[]): readonly Group[] {
  const whole = new Map<number, Group>();
  for (const part of parts) {
    const before = whole.get(part.number);
    for (const words of Object.keys(part.items))
      if (before && Object.hasOwn(before.items, words)) throw new TypeError(`${part.number}: ${words} twice`);
    whole.set(part.number, { ...part, items: { ...before?.items, ...part.items } });
  }
  return [...whole.values()];
}

/** One case with its full title. */
export interface Named<T> {
  /** Group, kind of attack, and name. */
  readonly title: string;
  readonly source: string;
  readonly one: T;
}

/** The cases that are one check. */
export function casesOf(list: readonly Group[] = groups): readonly Named<Case>[] {
  return named(({ cases }) => cases, list);
}

/** Those of one of the three kinds. */
export function named<T extends { readonly source?: string }>(
  read: (item: Item) => Readonly<Record<string, T>> | undefined,
  list: readonly Group[] = groups,
): readonly Named<T>[] {
  return list.flatMap(({ number, items }) =>
    Object.entries(items).flatMap(([words, item]) =>
      Object.entries(read(item) ?? {}).map(([name, one]) => ({
        title: `${number} ${words}: ${name}`,
        source: [item.source, one.source].filter(Boolean).join('; '),
        one,
      })),
    ),
  );
}
