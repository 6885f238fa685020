import test from 'ava';
import { toInjectResponse } from '../../src/inject/check-response.ts';
import type { Outcome } from '../../src/inject/inject.ts';
import { injectReasons, type StoppingReason } from '../../src/inject/reasons.ts';
import { headersOf, receiveResponse } from '../support/check-wire.ts';

test('answer – a token goes out as one Authorization, which replaces in both forms', (t) => {
  const answer = receiveResponse(
    toInjectResponse('d', { effect: 'allow', reason: 'injected', token: 'a.b.c', entry: 'orders' }),
  );
  t.is(answer.status?.code ?? 0, 0);
  t.deepEqual(answer.okResponse?.headers, [
    {
      header: { key: 'authorization', value: 'Bearer a.b.c' },
      append: { value: false },
      appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD',
    },
  ]);
  // What is set must never be removed as well: Envoy would remove it.
  t.deepEqual(answer.okResponse?.headersToRemove ?? [], []);
  t.false(JSON.stringify(answer.dynamicMetadata).includes('a.b.c'));
  t.deepEqual(answer.dynamicMetadata?.fields, {
    decision_id: { stringValue: 'd' },
    effect: { stringValue: 'allow' },
    reason: { stringValue: 'injected' },
    rule: { stringValue: 'orders' },
  });
});

for (const reason of ['no_entry', 'authorization_present'] as const)
  test(`answer – ${reason}: allowed, nothing is touched`, (t) => {
    const answer = receiveResponse(toInjectResponse('d', { effect: 'allow', reason }));
    t.is(answer.status?.message, reason);
    t.deepEqual(answer.okResponse?.headers ?? [], []);
    t.deepEqual(answer.okResponse?.headersToRemove ?? [], []);
    t.is(answer.deniedResponse ?? undefined, undefined);
  });

const stops: [StoppingReason, number, string | undefined][] = [
  ['request_malformed', 400, undefined],
  ['token_unavailable', 503, '5'],
  ['internal_error', 500, undefined],
];
for (const [reason, status, retryAfter] of stops)
  test(`answer – ${reason}: a denied_response ${status}, which failure_mode_allow cannot undo`, (t) => {
    const outcome: Outcome = { effect: 'unavailable', reason, detail: 'file-detail', entry: 'orders' };
    const answer = receiveResponse(toInjectResponse('d', outcome));
    t.is(answer.status?.code, 7);
    t.is(answer.okResponse ?? undefined, undefined);
    t.is(answer.errorResponse ?? undefined, undefined);
    t.is(Number(answer.deniedResponse?.status?.code), status);
    const headers = headersOf(answer.deniedResponse?.headers);
    t.is(headers['retry-after'], retryAfter);
    t.is(headers['content-type'], 'application/json');
    t.is(headers['x-decision-id'], 'd');
    t.deepEqual(JSON.parse(answer.deniedResponse?.body ?? ''), {
      error: reason,
      error_description: injectReasons[reason].text,
      decision_id: 'd',
    });
    t.false(JSON.stringify(answer).includes('file-detail'));
  });
