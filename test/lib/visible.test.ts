import test from 'ava';
import fc from 'fast-check';
import { visible, visibleStart, visibleWord } from '../../src/lib/visible.ts';

test('visible text – characters that a terminal obeys, or that hide, are named', (t) => {
  for (const [text, shown] of [
    ['alice', 'alice'],
    ['Zoë Čapek 日本', 'Zoë Čapek 日本'],
    ['a\u001b]0;title\u0007b', 'a\\u{1b}]0;title\\u{7}b'],
    ['a\u009b2Jb', 'a\\u{9b}2Jb'],
    ['a\r\n\tb\u007f', 'a\\u{d}\\u{a}\\u{9}b\\u{7f}'],
    ['user\u202egpj.exe\u2066', 'user\\u{202e}gpj.exe\\u{2066}'],
    ['a\u200bb\ufeff\u00ad', 'a\\u{200b}b\\u{feff}\\u{ad}'],
    ['a\u2028b\u2029', 'a\\u{2028}b\\u{2029}'],
    ['a\u00a0b\u3000', 'a\\u{a0}b\\u{3000}'],
    ['\u{e0041}\u3164', '\\u{e0041}\\u{3164}'],
    ['\ud800', '\\u{d800}'],
    [`a${'\u0301'.repeat(5)}`, `a\u0301\u0301\u0301\\u{301}\\u{301}`],
  ] as const)
    t.is(visible(text), shown);
});

test('visible text – a word cannot look like two, and cannot end its own quotes', (t) => {
  t.is(visibleWord('spiffe://a/b'), 'spiffe://a/b');
  t.is(visibleWord(''), '""');
  t.is(visibleWord('alice rule=admin'), '"alice rule=admin"');
  t.is(visibleWord('a" rule="b'), '"a\\" rule=\\"b"');
  t.is(visibleWord('a\\'), '"a\\\\"');
  t.is(visibleWord('a\u001b'), '"a\\u{1b}"');
});

test('visible text – a long text is cut', (t) => {
  t.is(visibleStart('x'.repeat(600)), `${'x'.repeat(512)}…`);
  t.is(visibleWord('x'.repeat(600)), `"${'x'.repeat(512)}…"`);
  t.is(visible('x'.repeat(600)).length, 600);
});

test('visible text – no text brings a control character', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const shown of [visible(text), visibleStart(text), visibleWord(text)])
          t.notRegex(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        t.regex(visibleWord(text), /^([!#-[\]-~]+|"(?:[^"\\]|\\["\\u])*"?")$/u);
      }),
    ),
  );
});
