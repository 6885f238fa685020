import test from 'ava';
import { reasons } from '../../src/core/reasons.ts';
import type { CheckResponse } from '../../src/grpc/check-messages.ts';
import { checkResponseOf } from '../../src/grpc/check-response.ts';
import { encodeCheckResponse } from '../../src/grpc/encode-response.ts';
import { allowOf, explained } from '../support/answers.ts';
import { checkCodec, messageOf } from '../support/check-wire.ts';
import { expectedRefusals } from '../support/expected-answers.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** The generated codec is the oracle: the same bytes, and where it writes what is no UTF-8, the same but for that. */
function same(response: CheckResponse): boolean {
  return encodeCheckResponse(response).equals(checkCodec.responseSerialize(messageOf(response)));
}

for (const reason of Object.keys(expectedRefusals) as (keyof typeof expectedRefusals)[])
  test(`encoded response – ${reason}: the bytes of the generated codec`, (t) => {
    const effect = reasons[reason].status >= 500 ? 'unavailable' : 'deny';
    const decision = {
      id: 'd-1',
      found: {},
      effect,
      reason,
      detail: 'x',
      retryAfter: 5,
      scope: 'a b',
    } as const;
    t.true(same(checkResponseOf(decision, explained)));
  });

test('encoded response – allows: the bytes of the generated codec', (t) => {
  t.true(same(checkResponseOf(allowOf({}, 'public'), explained)));
  const token = {
    subject: 'alice',
    iss: 'https://a',
    scopes: ['a', 'b'],
    claims: {},
    clientId: 'c',
  } as never;
  const person = { user: 'zoë', email: 'zoë@example.com', preferredUsername: '李', groups: ['a,b', '😀'] };
  t.true(same(checkResponseOf(allowOf({ token, person }), explained)));
});

const random = seededRandom(1);
const below = (most: number) => random.integer(most);
const word = (most: number) =>
  Array.from({ length: below(most) }, () =>
    String.fromCodePoint([97, 0xe9, 0x674e, 0x1f600, 0][below(5)] ?? 97),
  ).join('');
const headers = () =>
  Array.from({ length: below(20) }, () => [word(30), word(below(2) ? 10 : 5_000)] as const);
const strings = (most: number) => Array.from({ length: below(most) }, () => word(40));

test('encoded response – thousands of others, short, long and longer than the buffer: the same bytes', (t) => {
  for (let n = 0; n < 2_000; n++) {
    const dynamicMetadata = Object.fromEntries(
      strings(12).map((name) => [name, [word(200), strings(5), undefined][below(3)]]),
    );
    const response: CheckResponse = {
      status: { code: below(17), message: word(50) },
      ...(below(2)
        ? { okResponse: { headers: headers(), headersToRemove: strings(40) } }
        : { deniedResponse: { status: { code: below(600) }, headers: headers(), body: word(200) } }),
      dynamicMetadata,
    };
    if (!same(response)) t.fail(JSON.stringify(response));
  }
  const body = 'x'.repeat(1_000_000);
  const large = { status: { code: 7, message: '' }, dynamicMetadata: {} };
  t.true(same({ ...large, deniedResponse: { status: { code: 403 }, headers: [], body } }));
  t.true(same(checkResponseOf(allowOf({}, 'public'), explained)));
});

test('encoded response – invalid Unicode is replaced, so that the answer can be read', (t) => {
  const response = (message: string): CheckResponse => ({
    status: { code: 7, message },
    deniedResponse: { status: { code: 403 }, headers: [], body: '' },
    dynamicMetadata: {},
  });
  const decoded = checkCodec.responseDeserialize(encodeCheckResponse(response('a\ud800b\udfff')));
  t.is(decoded.status?.message, 'a\ufffdb\ufffd');
  t.is(decoded.status?.code, 7);
});

test('encoded response – each answer has its own buffer, which the next one does not overwrite', (t) => {
  const first = encodeCheckResponse(checkResponseOf(allowOf({}, 'public'), explained));
  const before = Buffer.from(first);
  const decision = { id: 'd', found: {}, effect: 'deny', reason: 'no_rule', detail: undefined } as const;
  encodeCheckResponse(checkResponseOf(decision, explained));
  t.true(first.equals(before));
});
