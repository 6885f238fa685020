import test from 'ava';
import type { DecisionLine } from '../../src/decision-lines/decision-line.ts';
import { createFilter, type Wanted } from '../../src/log-view/filter.ts';
import { parseSince } from '../../src/log-view/since.ts';

const line: DecisionLine = {
  time: '2026-01-02T03:04:05.000Z',
  effect: 'deny',
  reason: 'scope_missing',
  decision_id: 'decision-1',
  request_id: 'request-1',
  rule: 'orders/write',
  subject: 'alice',
  issuer: 'https://issuer.example.com',
  spiffe_id: 'spiffe://cluster.local/ns/shop/sa/web',
  host: 'Orders.example.com',
  path: '/orders/7',
};
const passes = (wanted: Partial<Wanted>, more: Partial<DecisionLine> = {}): boolean =>
  createFilter({ patterns: {}, ...wanted })({ ...line, ...more });

test('filter – each kind of pattern looks at its own field', (t) => {
  for (const [kind, pattern] of [
    ['rule', 'orders/*'],
    ['spiffe', '*/sa/web'],
    ['subject', 'alice'],
    ['issuer', 'https://*'],
    ['reason', 'scope_*'],
    ['host', 'orders.EXAMPLE.com'],
    ['path', '/orders/*'],
    ['id', 'decision-1'],
    ['id', 'request-1'],
  ] as const) {
    t.true(passes({ patterns: { [kind]: [pattern] } }), kind);
    t.false(passes({ patterns: { [kind]: ['x'] } }), kind);
  }
});

test('filter – patterns of one kind are alternatives, and different kinds must all match', (t) => {
  t.true(passes({ patterns: { subject: ['bob', 'alice'] } }));
  t.true(passes({ patterns: { subject: ['bob', 'alice'], rule: ['orders/*'] } }));
  t.false(passes({ patterns: { subject: ['bob', 'alice'], rule: ['billing/*'] } }));
});

test('filter – a field that a line does not have matches nothing', (t) => {
  const { subject: _, ...anonymous } = line;
  t.false(createFilter({ patterns: { subject: ['*'] } })(anonymous));
});

test('filter – denials are also outages, and what an observing rule let in', (t) => {
  t.true(passes({ deny: true }));
  t.true(passes({ deny: true }, { effect: 'unavailable' }));
  t.false(passes({ deny: true }, { effect: 'allow', reason: 'allowed' }));
  t.false(passes({ deny: true }, { effect: 'answer', reason: 'metadata_served' }));
  const observed = { effect: 'allow', reason: 'observed', would_deny: 'no_rule' } as const;
  t.true(passes({ deny: true, patterns: { reason: ['no_rule'] } }, observed));
  t.true(passes({ patterns: { reason: ['observed'] } }, observed));
});

test('filter – a line that is older, or has no time, is left out', (t) => {
  const at = Date.parse(line.time ?? '');
  t.true(passes({ since: at }));
  t.false(passes({ since: at + 1 }));
  t.false(createFilter({ since: 0, patterns: {} })({ effect: 'deny', reason: 'no_rule' }));
});

test('since – a duration before now, or an ISO time in UTC', (t) => {
  const now = Date.UTC(2026, 0, 31, 12);
  for (const [text, expected] of [
    ['90s', now - 90_000],
    ['10m', now - 600_000],
    ['2h', now - 7_200_000],
    ['7d', now - 604_800_000],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['2026-01-31T10:00', Date.UTC(2026, 0, 31, 10)],
    ['2026-01-31T10:00:01.5Z', Date.UTC(2026, 0, 31, 10, 0, 1, 500)],
    ['2026-01-31T10:00+02:00', Date.UTC(2026, 0, 31, 8)],
    ['2026-13-01', undefined],
    ['10', undefined],
    ['10 m', undefined],
    ['-10m', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ] as const)
    t.is(parseSince(text, now), expected, text);
});
