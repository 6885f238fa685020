import test from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import { type ReasonName, reasons } from '../../src/core/reasons.ts';
import { checkResponseOf } from '../../src/grpc/check-response.ts';
import { encodeCheckResponse } from '../../src/grpc/encode-response.ts';
import { allowOf, explained } from '../support/answers.ts';
import { headersOf, receiveResponse } from '../support/check-wire.ts';
import { expectedRefusals } from '../support/expected-answers.ts';

const respond = (decision: Decision) => receiveResponse(checkResponseOf(decision, explained));
type Refused = keyof typeof expectedRefusals;
const refusals = Object.keys(expectedRefusals) as Refused[];

test('check response – the table of this test covers every reason there is', (t) => {
  const others = ['allowed', 'public', 'anonymous', 'observed', 'metadata_served'] as const;
  const names: ReasonName[] = [...refusals, ...others];
  t.deepEqual(names.toSorted(), Object.keys(reasons).toSorted() as ReasonName[]);
});

for (const reason of refusals)
  test(`check response – ${reason} is a denied_response with an explicit code, never error_response`, (t) => {
    const [status, code] = expectedRefusals[reason];
    const effect = status >= 500 ? 'unavailable' : 'deny';
    const retryAfter = status === 503 ? 5 : undefined;
    const response = respond({ id: 'd-1', found: {}, effect, reason, detail: 'secret detail', retryAfter });
    t.deepEqual(response.status, { code, message: reason });
    t.is(response.deniedResponse?.status?.code as number | undefined, status);
    t.is(response.okResponse, undefined);
    t.is(response.errorResponse, undefined);
    t.false(JSON.stringify(response).includes('secret detail'));
    const headers = headersOf(response.deniedResponse?.headers);
    t.is(headers['content-type'], 'application/json');
    t.is(headers['cache-control'], 'no-store');
    t.is(headers['retry-after'], status === 503 ? '5' : undefined);
    t.is(headers['x-decision-id'], 'd-1');
    t.is(JSON.parse(response.deniedResponse?.body ?? '').decision_id, 'd-1');
  });

test('check response – an answer of our own is a denied_response with status 200, and never an ok_response', (t) => {
  const headers = [['content-type', 'application/json']] as const;
  const answer = { status: 200, headers, body: '{}' } as const;
  const response = respond({ id: 'd-1', found: {}, effect: 'answer', reason: 'metadata_served', answer });
  t.deepEqual(response.status, { code: 7, message: 'metadata_served' });
  t.is(response.deniedResponse?.status?.code as number | undefined, 200);
  t.is(response.deniedResponse?.body, '{}');
  t.deepEqual(headersOf(response.deniedResponse?.headers), Object.fromEntries(headers));
  t.is(response.okResponse, undefined);
  t.is(response.errorResponse, undefined);
});

for (const reason of ['allowed', 'public', 'anonymous'] as const)
  test(`check response – ${reason} is an ok_response with code 0 written out`, (t) => {
    const decision = allowOf({}, reason);
    const response = respond(decision);
    t.is(response.status?.code, 0);
    t.is(response.status?.message, reason);
    t.truthy(response.okResponse);
    t.is(response.deniedResponse, undefined);
    // proto3 leaves a zero out of the wire; the status message itself must be there, or Envoy would see none.
    t.is(checkResponseOf(decision, explained).status.code, 0);
    const bytes = encodeCheckResponse(checkResponseOf(decision, explained));
    t.is(bytes[0], 0x0a);
  });

test('check response – only the codes 0, 7 and 16 are ever sent', (t) => {
  const codes = new Set(
    refusals.map(
      (reason) => respond({ id: 'x', found: {}, effect: 'deny', reason, detail: undefined }).status?.code,
    ),
  );
  t.deepEqual([...codes].toSorted(), [16, 7]);
});

test('check response – each header replaces, in both forms that Envoy knows (Envoy 1.37)', (t) => {
  const found = {
    peer: {
      source: 'attribute' as const,
      spiffeId: { uri: 'spiffe://a/b', trustDomain: 'a', segments: ['b'] },
    },
  };
  const allow = respond(allowOf(found));
  const deny = respond({ id: 'x', found, effect: 'deny', reason: 'token_expired', detail: undefined });
  const headers = [...(allow.okResponse?.headers ?? []), ...(deny.deniedResponse?.headers ?? [])];
  t.deepEqual(headersOf(allow.okResponse?.headers), { 'x-spiffe-id': 'spiffe://a/b' });
  t.true(headers.length > 3);
  for (const { append, appendAction, header } of headers) {
    t.is(append?.value, false, header?.key);
    t.is(appendAction, 'OVERWRITE_IF_EXISTS_OR_ADD', header?.key);
  }
});

test('check response – append: false is there on the wire, not left out as a default', (t) => {
  const decision: Decision = { id: 'x', found: {}, effect: 'deny', reason: 'no_rule', detail: undefined };
  const bytes = encodeCheckResponse(checkResponseOf(decision, explained));
  // Field 2 (append) with a BoolValue of false, then field 3 (append_action) with 2.
  t.true(bytes.includes(Buffer.from('120208001802', 'hex')));
});

test('check response – pseudo-headers and Host, which cannot be removed, are never listed', (t) => {
  const { okResponse } = respond(allowOf({}, 'public'));
  t.true((okResponse?.headersToRemove?.length ?? 0) > 10);
  for (const name of okResponse?.headersToRemove ?? []) t.regex(name, /^x[-_]/);
});
