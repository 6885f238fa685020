import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import fc from 'fast-check';
import { Denial, DependencyError } from '../../../../src/core/denial.ts';
import type { Attestation } from '../../../../src/core/token/authority.ts';
import { readIntrospection } from '../../../../src/core/token/introspection.ts';
import { readTokenReview } from '../../../../src/core/token/token-review.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { IntrospectionEndpoint } from '../../../../src/sources/introspection-endpoint.ts';
import { NOW } from '../../../support/check-world.ts';
import { listen } from '../../../support/listening.ts';
import { type Target, target } from '../campaign.ts';
import { mutatedJson } from '../mutate-json.ts';
import { mutatedText } from '../mutate-text.ts';
import { jsonText, oddJson } from '../odd.ts';

const audiences = ['peerproof', 'orders'];
const review = {
  kind: 'TokenReview',
  apiVersion: 'authentication.k8s.io/v1',
  status: {
    authenticated: true,
    audiences: ['peerproof'],
    user: { username: 'system:serviceaccount:applications:shop', uid: 'u', groups: ['g'], extra: {} },
    error: '',
  },
};
const values = fc.oneof(
  oddJson,
  fc.constantFrom<unknown>('peerproof', ['peerproof'], ['orders', 1], 'true', 1, 'x'.repeat(70)),
);
const reviews = fc.oneof(
  { weight: 5, arbitrary: mutatedJson(fc.constant(review), { values }) },
  { weight: 1, arbitrary: oddJson },
);

/** A yes needs everything of one: the kind, the truth value, an audience that was asked for, and a name. */
function readsReview(answer: unknown): string {
  const read = readTokenReview(answer, audiences);
  if (read instanceof Malformed) return 'malformed';
  if (read instanceof Denial) {
    assert.ok((read.detail ?? '').length <= 400);
    return read.reason;
  }
  // biome-ignore lint/suspicious/noExplicitAny: what was believed must have this shape
  const { kind, status } = answer as any;
  assert.equal(kind, 'TokenReview');
  assert.equal(status.authenticated, true);
  assert.ok(status.audiences.some((one: unknown) => audiences.includes(one as string)));
  assert.ok((read.audiences ?? []).length > 0 && read.audiences?.every((one) => audiences.includes(one)));
  assert.equal(read.username, status.user.username);
  assert.ok(typeof read.username === 'string' && read.username !== '');
  return 'vouched';
}

const introspected = {
  active: true,
  iss: 'https://as.example.com',
  sub: 'alice',
  aud: 'orders',
  exp: NOW / 1000 + 60,
  token_type: 'Bearer',
  client_id: 'shop',
  scope: 'a b',
  token_use: 'access_token',
};
const introspections = fc.oneof(
  {
    weight: 5,
    arbitrary: mutatedJson(fc.constant(introspected), {
      values: fc.oneof(values, fc.constant('refresh_token')),
    }),
  },
  { weight: 1, arbitrary: oddJson },
);

function readsIntrospection(answer: unknown): string {
  const read = readIntrospection(answer, 'https://as.example.com');
  if (read instanceof Malformed) return 'malformed';
  if (read instanceof Denial) return read.reason;
  holdsOfClaims(read, answer);
  return 'vouched';
}

function holdsOfClaims({ claims = {} }: Attestation, answer: unknown): void {
  // biome-ignore lint/suspicious/noExplicitAny: what was believed must have this shape
  const { active, iss, token_type: type, token_use: use } = answer as any;
  assert.equal(active, true);
  assert.ok(iss === undefined || iss === 'https://as.example.com');
  for (const kind of [type, use])
    assert.ok(
      kind === undefined || /^(?:bearer|dpop|access_token|access)$/i.test(kind),
      `a token of type ${kind}`,
    );
  assert.ok(!Object.hasOwn(claims, 'active'));
  assert.equal(Object.getPrototypeOf(claims), Object.prototype);
}

interface Answered {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

const answered: fc.Arbitrary<Answered> = fc.record({
  status: fc.oneof(
    { weight: 4, arbitrary: fc.constant(200) },
    { weight: 1, arbitrary: fc.constantFrom(201, 204, 302, 400, 401, 429, 500) },
  ),
  body: fc.oneof(
    { weight: 4, arbitrary: introspections.map(jsonText) },
    {
      weight: 1,
      arbitrary: mutatedText(fc.constant(JSON.stringify(introspected)), {
        words: ['{', '"active":true,', '\0', '\ufeff'],
      }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '',
        '<html>',
        '{"error":"unsupported_token_type"}',
        '{"error":"invalid_client"}',
        'x'.repeat(70_000),
      ),
    },
  ),
  type: fc.constantFrom('application/json', 'text/html', ''),
});

/** An authorization server that says anything at all. */
export async function createAnswerTargets(): Promise<readonly Target[]> {
  let next: Answered = { status: 200, body: '', type: '' };
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(next.status, { 'content-type': next.type }).end(next.body);
  });
  const port = await listen(server);
  const endpoint = new IntrospectionEndpoint({
    endpoint: `http://127.0.0.1:${port}/introspect`,
    issuer: 'https://as.example.com',
    authentication: 'client_secret_basic',
    clientId: 'peerproof',
    clientSecret: 'secret',
    timeout: 5_000,
    clock: () => NOW,
  });

  /** An answer, a denial or an outage; nothing else ever comes out, and no outage quotes the token. */
  async function asks(answer: Answered): Promise<string> {
    next = answer;
    try {
      const said = await endpoint.ask('opaque-token-4711', AbortSignal.timeout(5_000));
      if (said instanceof Denial) return said.reason;
      holdsOfClaims(said, JSON.parse(answer.body));
      return 'vouched';
    } catch (error) {
      if (!(error instanceof DependencyError)) throw error;
      assert.equal(error.reason, 'introspection_unavailable');
      assert.ok(!error.message.includes('opaque-token-4711'));
      return 'unavailable';
    }
  }

  return [
    target({
      name: 'token-review',
      inputs: reviews,
      hold: readsReview,
      reaches: ['vouched', 'malformed', 'token_review_refused', 'token_audience_mismatch'],
    }),
    target({
      name: 'introspection',
      inputs: introspections,
      hold: readsIntrospection,
      reaches: ['vouched', 'malformed', 'token_type_not_allowed', 'token_issuer_unknown'],
    }),
    target<Answered>({
      name: 'introspection-endpoint',
      inputs: answered,
      hold: asks,
      reaches: ['vouched', 'unavailable'],
      within: 250,
      stop: () => {
        endpoint.close();
        server.close();
        server.closeAllConnections();
      },
    }),
  ];
}
