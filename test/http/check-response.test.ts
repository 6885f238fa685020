import test from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import { reasons } from '../../src/core/reasons.ts';
import type { RefusalStyle } from '../../src/core/refusal.ts';
import { type AnswerStyle, httpAnswerOf } from '../../src/http/check-response.ts';
import { allowOf, explained } from '../support/answers.ts';
import { expectedRefusals } from '../support/expected-answers.ts';

/** How a decision looks over HTTP. What a refusal says is the same for each door: see answer.test.ts. */

const envoy: AnswerStyle = { refusals: explained, allows: { status: 200, body: '' }, forEnvoy: true };
const nginx: AnswerStyle = { refusals: explained, allows: { status: 202, body: '' }, forEnvoy: false };
/** What Envoy would take for no answer at all: with failOpen it would let the request in. */
const atEnvoy: Record<number, number> = { 503: 429, 500: 403 };
type Refused = keyof typeof expectedRefusals;
const refusals = Object.keys(expectedRefusals) as Refused[];

const refused = (reason: Refused): Decision => ({
  id: 'd-1',
  found: {},
  effect: expectedRefusals[reason][0] >= 500 ? 'unavailable' : 'deny',
  reason,
  detail: 'secret detail',
  retryAfter: expectedRefusals[reason][0] === 503 ? 5 : undefined,
});

/** Names without case; one that stands twice is an error. */
function headersOf(headers: readonly (readonly [string, string])[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (name !== name.toLowerCase() || name in found) throw new TypeError(`${name} stands twice`);
    found[name] = value;
  }
  return found;
}

for (const reason of refusals)
  test(`HTTP answer – ${reason} has its status, is never 2xx, and tells no detail`, (t) => {
    for (const [style, body] of [
      ['explained', /^\{"error":.*"decision_id":"d-1"\}$/],
      ['empty', /^\{\}$/],
      ['text', /^[A-Z][a-zA-Z ]+\n$/],
    ] as const)
      for (const at of [envoy, nginx]) {
        const refusals: RefusalStyle = { realm: 'peerproof', dpopAlgorithms: [], body: style };
        const answer = httpAnswerOf(refused(reason), { ...at, refusals });
        const [status, , challenge] = expectedRefusals[reason];
        t.is(answer.status, at === envoy ? (atEnvoy[status] ?? status) : status);
        t.true(answer.status >= 400);
        t.true(at === nginx || answer.status < 500);
        t.regex(answer.body, body);
        const headers = headersOf(answer.headers);
        t.is(headers['content-type'], style === 'text' ? 'text/plain; charset=utf-8' : 'application/json');
        t.is(headers['cache-control'], 'no-store');
        t.is(headers['x-decision-id'], 'd-1');
        t.is(headers['retry-after'], status === 503 ? '5' : undefined);
        t.is('www-authenticate' in headers, challenge !== null);
        t.false('x-envoy-auth-headers-to-remove' in headers);
        t.false(JSON.stringify(answer).includes('secret detail'));
      }
  });

const texts: Partial<Record<Refused, string>> = {
  request_malformed: 'Bad Request\n',
  token_missing: 'Unauthorized\n',
  group_not_allowed: 'Forbidden\n',
  internal_error: 'Internal Server Error\n',
  issuer_unavailable: 'Service Unavailable\n',
};
for (const [reason, text] of Object.entries(texts))
  test(`HTTP answer – the body of ${reason} in words is that of oauth2-proxy`, (t) => {
    t.is(
      httpAnswerOf(refused(reason as Refused), {
        ...nginx,
        refusals: { realm: 'x', dpopAlgorithms: [], body: 'text' },
      }).body,
      text,
    );
  });

test('HTTP answer – the reasons that are not refusals are allows, but for one that no check at this door has', (t) => {
  const allowed = Object.keys(reasons).filter((name) => !refusals.includes(name as Refused));
  t.deepEqual(allowed, ['allowed', 'public', 'anonymous', 'observed', 'metadata_served']);
});

const found = {
  peer: {
    source: 'xfcc' as const,
    spiffeId: { uri: 'spiffe://a/b', trustDomain: 'a', segments: ['b'] },
  },
};
for (const reason of ['allowed', 'public', 'anonymous'] as const)
  test(`HTTP answer – ${reason}: the status that this proxy takes for a yes, and the headers`, (t) => {
    for (const allows of [envoy.allows, nginx.allows, { status: 200, body: 'Authenticated' } as const]) {
      const answer = httpAnswerOf(allowOf(found, reason), { ...envoy, allows });
      t.is(answer.status, allows.status);
      t.is(answer.body, allows.body);
      const headers = headersOf(answer.headers);
      t.is(headers['x-spiffe-id'], 'spiffe://a/b');
      t.is(headers['cache-control'], 'no-store');
    }
  });

test('HTTP answer – one header lists the names to remove, and none of them is also set', (t) => {
  const decision = allowOf(found);
  const headers = headersOf(httpAnswerOf(decision, envoy).headers);
  const names = headers['x-envoy-auth-headers-to-remove']?.split(',') ?? [];
  for (const name of decision.effect === 'allow' ? decision.identity.remove.names : [])
    t.true(names.includes(name));
  // Envoy shows us only the headers that it is told to, so those that mix - and _ go unseen.
  for (const name of ['x-auth_request-user', 'x_auth-request_preferred-username', 'x-spiffe_id'])
    t.true(names.includes(name), name);
  t.is(new Set(names).size, names.length);
  t.true(names.includes('x-auth-request-user') && names.includes('x_spiffe_id'));
  for (const name of names) {
    t.regex(name, /^[a-z0-9_-]+$/);
    t.false(name in headers, name);
  }
});

test('HTTP answer – a proxy that removes nothing is told no names', (t) => {
  t.false('x-envoy-auth-headers-to-remove' in headersOf(httpAnswerOf(allowOf(found), nginx).headers));
});

test('HTTP answer – the longest list of names is far below what a proxy takes (60 KiB)', (t) => {
  const answer = httpAnswerOf(allowOf({}), envoy);
  t.true(JSON.stringify(answer.headers).length < 8_192);
});
