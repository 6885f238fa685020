import test from 'ava';
import type { OwnerState } from '../../../src/config/teams/admit.ts';
import { neededStatus } from '../../../src/config/teams/object-status.ts';
import type { JsonObject } from '../../../src/lib/json.ts';

const now = Date.parse('2026-11-27T12:00:00.500Z');
const problem = { file: 'AuthorizationRules a/b', line: 0, key: 'spec.rules[0].match', message: 'is wrong' };
const state = (more: Partial<OwnerState>): OwnerState => ({
  ...{ owner: 'a', file: 'AuthorizationRules a/b', state: 'accepted', rules: 2, problems: [] },
  ...more,
});
const needed = (one: OwnerState, present?: unknown, generation = 3) =>
  neededStatus(generation, one, present as JsonObject | undefined, now);
const said = (one: OwnerState) =>
  Object.fromEntries(
    needed(one)?.conditions.map(({ type, status, reason, message }) => [type, [status, reason, message]]) ??
      [],
  );
const noConflict = ['False', 'NoConflict', 'No other team was found that decides some of its requests.'];

test('status of an object – each state of its rules has its conditions', (t) => {
  t.deepEqual(said(state({})), {
    Accepted: ['True', 'Accepted', 'The rules are within what is delegated.'],
    Programmed: ['True', 'AtWork', 'At work: 2 rules.'],
    Conflicted: noConflict,
  });
  t.deepEqual(said(state({ state: 'conflicted', rules: 1, problems: [problem] })), {
    Accepted: ['True', 'Accepted', 'The rules are within what is delegated.'],
    Programmed: ['True', 'AtWork', 'At work: 1 rule.'],
    Conflicted: ['True', 'OtherTeamFirst', 'spec.rules[0].match: is wrong'],
  });
  t.deepEqual(said(state({ state: 'last_good', problems: [problem, { ...problem, key: '' }] })), {
    Accepted: ['False', 'Refused', 'spec.rules[0].match: is wrong\nis wrong'],
    Programmed: [
      'False',
      'LastGoodForm',
      'This form is not at work. The last one that was accepted is, with 2 rules.',
    ],
    Conflicted: noConflict,
  });
  t.deepEqual(said(state({ state: 'left_out', rules: 0, problems: [problem] })), {
    Accepted: ['False', 'Refused', 'spec.rules[0].match: is wrong'],
    Programmed: ['False', 'LeftOut', 'None of these rules is at work, so they allow no request.'],
    Conflicted: noConflict,
  });
});

test('status of an object – one that is right is not written again, whatever the order of its members', (t) => {
  const right = needed(state({}));
  t.is(needed(state({}), right), undefined);
  const reordered = JSON.parse(JSON.stringify(right), (_, value) =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  );
  t.is(needed(state({}), reordered), undefined);
});

test('status of an object – another generation, a condition too many and another text are put right', (t) => {
  const right = needed(state({}));
  t.is(needed(state({}), right, 4)?.observedGeneration, 4);
  const more = { ...right, conditions: [...(right?.conditions ?? []), { type: 'Granted', status: 'True' }] };
  t.deepEqual(needed(state({}), more), right);
  t.deepEqual(needed(state({}), { ...right, note: 1 }), right);
  for (const odd of [{}, { conditions: 'x' }, { conditions: [null, 1, { type: [] }] }])
    t.deepEqual(needed(state({}), odd), right);
});

test('status of an object – the time of a condition changes with its status, and not with its text', (t) => {
  const earlier = '2026-11-01T00:00:00Z';
  const right = needed(state({}));
  const before = {
    ...right,
    conditions: right?.conditions.map((one) => ({ ...one, lastTransitionTime: earlier })),
  };
  const times = (one: OwnerState) =>
    needed(one, before)?.conditions.map(({ lastTransitionTime }) => lastTransitionTime);
  t.deepEqual(times(state({ rules: 5 })), [earlier, earlier, earlier]);
  t.deepEqual(times(state({ state: 'left_out' })), ['2026-11-27T12:00:00Z', '2026-11-27T12:00:00Z', earlier]);
});

test('status of an object – a message is bounded, and shows what would hide', (t) => {
  const long = { ...problem, message: 'x'.repeat(40_000) };
  const odd = { ...problem, message: 'a\u202eb\u001b[2J' };
  t.true(
    (needed(state({ state: 'left_out', problems: [long] }))?.conditions[0]?.message.length ?? 0) < 16_400,
  );
  const [shown] = needed(state({ state: 'left_out', problems: [odd] }))?.conditions ?? [];
  t.is(shown?.message, 'spec.rules[0].match: a\\u{202e}b\\u{1b}[2J');
});
