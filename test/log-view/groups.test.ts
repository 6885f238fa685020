import test from 'ava';
import type { DecisionLine } from '../../src/decision-lines/decision-line.ts';
import { foldDetail } from '../../src/log-view/fold-detail.ts';
import { createGroups } from '../../src/log-view/groups.ts';
import { createPaint } from '../../src/log-view/paint.ts';

const plain = createPaint('never', process.stdout);
const denial = (more: Partial<DecisionLine>): DecisionLine => ({
  effect: 'deny',
  reason: 'no_rule',
  ...more,
});

test('groups – the detail loses what differs between requests, and keeps the cause', (t) => {
  for (const [detail, folded, more = {}] of [
    ['expired 2026-01-02T03:04:05.678Z', 'expired <time>'],
    ['GET a.example /x/7; nearest: y', 'GET <host> <path>; nearest: y', { host: 'a.example', path: '/x/7' }],
    [
      'GET a /x; nearest: y (path /y does not match /x), z (path /z does not match /x)',
      'GET a <path>; nearest: y (path /y does not match <path>), z (path /z does not match <path>)',
      { path: '/x' },
    ],
    ["the peer's thumbprint is kq8Z1vT0m4Y2cXJ7bQpLr9sD3fGhNwEaUiOxVtRyMzA", "the peer's thumbprint is <id>"],
    ['decision 0b9f1c52-4a53-4b0e-9d5b-0f2f3c7d3a11', 'decision <id>'],
    ['aud ["orders-v2"]', 'aud ["orders-v2"]'],
    [
      'the peer is spiffe://cluster.local/ns/a1/sa/web-2',
      'the peer is spiffe://cluster.local/ns/a1/sa/web-2',
    ],
    ['20000 characters, more than 16384', '# characters, more than #'],
    ['10.0.0.1:443 refused', '#:# refused'],
    ['certificate: the token has no cnf.x5t#S256', 'certificate: the token has no cnf.x5t#S256'],
  ] as const)
    t.is(foldDetail(denial({ detail, ...more })), folded);
});

test('groups – one cause is one group, with its count, its times and an example', (t) => {
  const groups = createGroups();
  const times = ['2026-01-02T00:00:02.000Z', '2026-01-02T00:00:01.000Z', '2026-01-02T00:00:03.000Z'];
  for (const [index, time] of times.entries())
    groups.add(denial({ time, decision_id: `id-${index}`, detail: `expired ${time}` }));
  groups.add(denial({ reason: 'token_missing', rule: 'orders', decision_id: 'id-x' }));
  groups.add({ effect: 'allow', reason: 'observed', would_deny: 'no_rule', sampled: 0.1 });
  t.deepEqual(groups.show(plain), [
    '        10  would-deny no_rule rule=-',
    '            - to -  for example -',
    '         3  deny no_rule rule=-: expired <time>',
    '            2026-01-02T00:00:01.000Z to 2026-01-02T00:00:03.000Z  for example id-0',
    '         1  deny token_missing rule=orders',
    '            - to -  for example id-x',
  ]);
});

test('groups – their number is bounded, and the rest is counted', (t) => {
  const groups = createGroups();
  for (let index = 0; index < 5_000; index++) groups.add(denial({ rule: `rule-${index}` }));
  groups.add(denial({ rule: 'rule-7' }));
  const shown = groups.show(plain);
  t.is(shown.length, 2 * 1_001);
  t.is(shown[0], '         2  deny no_rule rule=rule-7');
  t.is(shown.at(-2), '     4,000  (other)');
});

test('groups – hostile values are shown escaped', (t) => {
  const groups = createGroups();
  const hostile = 'a\u001b]0;x\u0007\n\u202e';
  groups.add(denial({ reason: hostile, rule: hostile, detail: hostile, decision_id: hostile }));
  for (const line of groups.show(plain)) t.notRegex(line, /[\p{Cc}\p{Cf}]/u);
});
