import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { type DecisionLine, parseDecisionLine } from '../../src/decision-lines/decision-line.ts';
import { formatLine } from '../../src/log-view/line-view.ts';
import { createPaint } from '../../src/log-view/paint.ts';

const plain = createPaint('never', process.stdout);
const coloured = createPaint('always', process.stdout);
const line: DecisionLine = {
  time: '2026-01-02T03:04:05.678Z',
  effect: 'deny',
  reason: 'token_expired',
  decision_id: 'decision-1',
  rule: 'orders/write',
  subject: 'alice',
  issuer: 'https://issuer.example.com',
  client_id: 'shop',
  spiffe_id: 'spiffe://a/b',
  method: 'GET',
  host: 'orders.example.com',
  path: '/orders/7',
  duration_us: 1234,
  detail: 'expired 2026-01-02T03:00:00.000Z',
};

test('line – says when, what, which request, who and why', (t) => {
  t.is(
    formatLine(line, plain),
    '2026-01-02T03:04:05.678Z deny        token_expired GET orders.example.com/orders/7 rule=orders/write ' +
      'subject=alice issuer=https://issuer.example.com client=shop spiffe=spiffe://a/b id=decision-1 ' +
      'took=1.23ms: expired 2026-01-02T03:00:00.000Z',
  );
});

test('line – says what an observing rule would have done', (t) => {
  const observed = { effect: 'allow', reason: 'observed', would_deny: 'scope_missing' } as const;
  t.is(formatLine(observed, plain), '- would-deny  scope_missing tcp -');
});

test('line – names the destination of a connection', (t) => {
  const connection = { effect: 'deny', reason: 'no_rule', destination: 'spiffe://a/b' } as const;
  t.is(formatLine(connection, plain), '- deny        no_rule tcp spiffe://a/b');
});

test('line – each verdict has a colour of its own, and the text is the same', (t) => {
  const verdicts = [
    { effect: 'allow' },
    { effect: 'deny' },
    { effect: 'unavailable' },
    { effect: 'allow', would_deny: 'no_rule' },
  ] as const;
  const styles = verdicts.map((verdict) => {
    const used: unknown[] = [];
    formatLine({ ...line, ...verdict }, (style, text) => `${used.push(style)}${text}`);
    return used[1];
  });
  t.is(new Set(styles).size, 4);
  t.not(formatLine(line, coloured), formatLine(line, plain));
  t.is(stripVTControlCharacters(formatLine(line, coloured)), formatLine(line, plain));
});

test('line – hostile values neither reach the terminal nor look like other fields', (t) => {
  const hostile = {
    ...line,
    subject: 'mallory\u001b]0;owned\u0007 rule=admin',
    path: '/\u202etxt.exe',
    detail: 'a\nb\u001b[2J',
  };
  t.is(
    formatLine(hostile, plain),
    '2026-01-02T03:04:05.678Z deny        token_expired GET "orders.example.com/\\u{202e}txt.exe" ' +
      'rule=orders/write subject="mallory\\u{1b}]0;owned\\u{7} rule=admin" ' +
      'issuer=https://issuer.example.com client=shop spiffe=spiffe://a/b id=decision-1 took=1.23ms' +
      ': a\\u{a}b\\u{1b}[2J',
  );
});

test('line – whatever the fields hold, only colours control the terminal', (t) => {
  const names = Object.keys(line) as (keyof DecisionLine)[];
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.string());
  const fields = fc.dictionary(fc.constantFrom(...names), value);
  t.notThrows(() =>
    fc.assert(
      fc.property(fields, (record) => {
        const text = JSON.stringify({ reason: 'r', ...record, effect: 'deny' });
        const parsed = parseDecisionLine(text);
        if (!parsed) return;
        t.notRegex(formatLine(parsed, plain), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        t.is(stripVTControlCharacters(formatLine(parsed, coloured)), formatLine(parsed, plain));
      }),
    ),
  );
});
