import { type Case, each, type Group } from '../case.ts';

const mismatch = 'token_audience_mismatch';
const refused = 'token_review_refused';
const unavailable = 'api_server_unavailable';
const forbidden = 'api_server_forbidden';

/** A token that an API server is asked about, which answers as `misbehaviour.ts` says under this name. */
const review = (name: string, reason: Case['reason'], change: Record<string, unknown> = {}): Case => ({
  send: (f) => ({ path: `/${name}/x`, token: f.account({ iss: `https://${name}.example.com`, ...change }) }),
  reason,
  world: 'asked',
});
const reviews = (...rows: readonly (readonly [name: string, reason: Case['reason']])[]) =>
  each(rows, ([name, reason]) => [name.replace('review-', ''), review(name, reason)]);

export const group: Group = {
  number: 14,
  title: 'TokenReview',
  items: {
    '`status.audiences` that do not intersect': {
      source: 'Kubernetes TokenReview v1: status.audiences; CVE-2025-25207',
      cases: reviews(
        ['review-other-audience', mismatch],
        ['review-no-audience', mismatch],
        ['review-empty-audience', mismatch],
        ['review-text-audience', mismatch],
        ['review-part-audience', mismatch],
        ['review-yes', 'allowed'],
      ),
    },
    '`authenticated: false` and absent': {
      source: 'Kubernetes TokenReview v1: status.authenticated',
      cases: {
        ...reviews(
          ['review-false', refused],
          ['review-absent', refused],
          ['review-text', refused],
          ['review-one', refused],
          ['review-error', refused],
          ['review-list-status', refused],
          ['review-other-user', refused],
          ['review-admin', refused],
          ['review-no-user', unavailable],
          ['review-empty-user', unavailable],
        ),
        'yes, to a token whose own claims are over': {
          ...review('review-yes', 'token_expired'),
          send: (f) => ({
            path: '/review-yes/x',
            token: f.account({ iss: 'https://review-yes.example.com', exp: f.seconds - 31 }),
          }),
        },
        'yes, to a token without the claims of Kubernetes': review('review-yes', 'token_type_not_allowed', {
          'kubernetes.io': undefined,
        }),
        'yes, to a token of another ServiceAccount': review('review-yes', refused, {
          sub: 'system:serviceaccount:applications:till',
        }),
        'yes, to a token with a cnf': review('review-yes', 'confirmation_unproven', {
          cnf: { 'x5t#S256': 'A'.repeat(43) },
        }),
        'nobody is asked about a token without a JWT in it': {
          send: () => ({ path: '/review-yes/x', token: 'mF_9.B5f-4.1JqM' }),
          reason: 'token_malformed',
          world: 'asked',
        },
        'nobody is asked about a token that is none': {
          send: () => ({ path: '/review-yes/x' }),
          reason: 'token_missing',
          world: 'asked',
        },
      },
    },
    'an answer about another token of the same ServiceAccount': {
      source: 'Kubernetes KEP-4193; TokenReview v1: status.user.extra',
      cases: {
        'the ID of another token': review('review-other-credential', refused, { jti: 'mine' }),
        'the ID of this token': review('review-same-credential', 'allowed', {
          jti: 'mine',
        }),
        'an ID, and the token has none': review('review-same-credential', 'allowed'),
        'two IDs': review('review-two-credentials', unavailable, { jti: 'mine' }),
        'an ID that is no list': review('review-text-credential', unavailable, { jti: 'mine' }),
        ...each(
          [
            ['review-other-node', refused],
            ['review-other-node-uid', refused],
            ['review-same-node', 'allowed'],
          ] as const,
          ([name, reason]) => [
            name.replace('review-', ''),
            review(name, reason, {
              'kubernetes.io': {
                namespace: 'applications',
                serviceaccount: { name: 'shop' },
                node: { name: 'worker-1', uid: 'n' },
              },
            }),
          ],
        ),
      },
    },
    '401/403/429/500': {
      source: 'Kubernetes API conventions; Authorino issue 649: fail-open',
      cases: reviews(
        ['review-401', forbidden],
        ['review-403', forbidden],
        ['review-404', unavailable],
        ['review-429', unavailable],
        ['review-500', unavailable],
        ['review-503', unavailable],
        ['review-302', unavailable],
        ['review-204', unavailable],
      ),
    },
    'a hang': {
      source: 'CVE-2025-25208; Authorino issue 649: fail-open on timeout',
      cases: reviews(['review-hang', unavailable], ['review-reset', unavailable]),
    },
    'a body that is not JSON': {
      source: 'RFC 8259; CWE-755',
      cases: reviews(
        ['review-not-json', unavailable],
        ['review-half-json', unavailable],
        ['review-empty', unavailable],
        ['review-null', unavailable],
        ['review-no-status', unavailable],
        ['review-other-kind', unavailable],
        ['review-request-echo', unavailable],
        ['review-1mb', unavailable],
      ),
    },
  },
};
