import { recordOf } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import type { ServiceAccount } from './service-account.ts';

/** What a TokenReview says of a ServiceAccount token. A member that it does not say is missing. */
export type ReviewedAccount = { readonly [Member in ReviewedMember]?: string };

/** By the name in `status.user.extra`, which only the API server writes. */
const members = {
  'credential-id': 'credentialId',
  'pod-name': 'pod',
  'pod-uid': 'podUid',
  'node-name': 'node',
  'node-uid': 'nodeUid',
} as const satisfies Record<string, keyof ServiceAccount>;

type ReviewedMember = (typeof members)[keyof typeof members];

const prefix = 'authentication.kubernetes.io/';

/**
 * Reads `extra`. Undefined if it has none of the members, as that of older API servers. Malformed if one of them
 * is not a list of one text, because two readers could choose another one.
 */
export function readReviewedAccount(extra: unknown): ReviewedAccount | undefined | Malformed {
  const said = recordOf(extra);
  const found: { [Member in ReviewedMember]?: string } = {};
  for (const [name, member] of Object.entries(members)) {
    const values = said[prefix + name];
    if (values === undefined) continue;
    const [value, ...more] = Array.isArray(values) ? (values as readonly unknown[]) : [];
    if (typeof value !== 'string' || value === '' || more.length > 0)
      return new Malformed(`a TokenReview whose ${prefix}${name} is not one text`);
    found[member] = value;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

/** The account of a token with what the API server adds. Malformed if they contradict each other. */
export function joinReviewed(account: ServiceAccount, said: ReviewedAccount): ServiceAccount | Malformed {
  for (const member of Object.values(members)) {
    const [own, other] = [account[member], said[member]];
    if (own !== undefined && other !== undefined && own !== other)
      return new Malformed(`the answer names another ${member} than the token`);
  }
  return { ...account, ...said };
}
