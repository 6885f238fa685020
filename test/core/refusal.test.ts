import test from 'ava';
import { failure } from '../../src/core/outcome.ts';
import { reasons } from '../../src/core/reasons.ts';
import { createRefusal } from '../../src/core/refusal.ts';
import { expectedRefusals } from '../support/expected-answers.ts';

type Refused = keyof typeof expectedRefusals;
const refuse = (reason: Refused, more: { hint?: { scope: string }; retryAfter?: number } = {}) => {
  const effect = reasons[reason].status >= 500 ? 'unavailable' : 'deny';
  const decision = { id: 'd-1', found: {}, effect, reason, detail: 'sub mallory, key abc', ...more } as const;
  const { status, headers, body } = createRefusal(decision, {
    realm: 'orders',
    dpopAlgorithms: ['ES256'],
    body: 'explained',
  });
  return {
    status,
    headers: Object.fromEntries(headers),
    names: headers.map(([name]) => name),
    body: JSON.parse(body),
  };
};

for (const [reason, [status, , error]] of Object.entries(expectedRefusals) as [
  Refused,
  (typeof expectedRefusals)[Refused],
][])
  test(`answer – ${reason} is ${status}, challenge ${JSON.stringify(error)} (RFC 6750 §3)`, (t) => {
    const { status: actual, headers, names, body } = refuse(reason);
    t.is(actual, status);
    t.is(new Set(names).size, names.length);
    const { text } = reasons[reason];
    const expected =
      error === null
        ? undefined
        : error === ''
          ? 'Bearer realm="orders"'
          : `Bearer realm="orders", error="${error}", error_description="${text}"`;
    t.is(headers['www-authenticate'], expected);
    t.deepEqual(body, { error: body.error, error_description: text, decision_id: 'd-1' });
    t.is(headers['x-decision-id'], 'd-1');
    t.regex(body.error, /^[a-z_]+$/);
    if (error) t.is(body.error, error);
    t.false(JSON.stringify({ headers, body }).includes('mallory'));
  });

test('answer – a failure outside of a check has no ID, and no empty header for it', (t) => {
  const refused = createRefusal(failure('why'), {
    realm: 'orders',
    dpopAlgorithms: ['ES256'],
    body: 'explained',
  });
  t.false(refused.headers.some(([name]) => name === 'x-decision-id'));
});

test('answer – every text can stand in a quoted string as it is (RFC 6750 §3, error_description)', (t) => {
  for (const { text, error } of Object.values(reasons)) {
    t.regex(text, /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    t.regex(error, /^[a-z_]*$/);
  }
});

test('answer – insufficient_scope names the scopes that would do (RFC 6750 §3)', (t) => {
  t.is(
    refuse('scope_missing', { hint: { scope: 'orders.read orders.write' } }).headers['www-authenticate'],
    'Bearer realm="orders", error="insufficient_scope", error_description="The access token lacks a required scope.", scope="orders.read orders.write"',
  );
});

const waits: [number, string][] = [
  [0, '1'],
  [0.2, '1'],
  [1, '1'],
  [4.1, '5'],
  [-3, '1'],
];
for (const [retryAfter, expected] of waits)
  test(`answer – an outage of ${retryAfter} s says Retry-After: ${expected} (RFC 9110 §10.2.3)`, (t) => {
    t.is(refuse('issuer_unavailable', { retryAfter }).headers['retry-after'], expected);
  });

test('answer – no token sent: 401 and a bare challenge, the body says unauthorized (RFC 6750 §3.1)', (t) => {
  const { status, headers, body } = refuse('token_missing');
  t.is(status, 401);
  t.is(headers['www-authenticate'], 'Bearer realm="orders"');
  t.is(body.error, 'unauthorized');
});

test('answer – a denial and an outage never look alike', (t) => {
  for (const [reason, { status }] of Object.entries(reasons)) {
    if (status === 200) continue;
    const outage =
      /_unavailable$|^(?:api_server_forbidden|check_incomplete|overloaded|deadline_exceeded|internal_error)$/.test(
        reason,
      );
    t.is(status >= 500, outage, reason);
  }
});
