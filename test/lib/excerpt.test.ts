import test from 'ava';
import { listed, quoted, valueText } from '../../src/lib/excerpt.ts';

test('excerpt – a text is cut before it is put in quotes, so that they are closed and no escape is cut', (t) => {
  t.is(quoted('a"\n'), '"a\\"\\n"');
  t.is(quoted('\n'.repeat(4), 3), '"\\n\\n\\n…"');
});

test('excerpt – a value has the bound of a text, also in a list', (t) => {
  const long = 'x'.repeat(100);
  t.is(valueText(long), `"${'x'.repeat(60)}…"`);
  t.is(valueText(long, 100), `"${long}"`);
  t.is(valueText([long, 1, [2], {}], 70), `["${'x'.repeat(70)}…", 1, a list, an object]`);
  t.is(valueText([1, 2, 3, 4, 5, 6, 7]), '[1, 2, 3, 4, 5 and 2 more]');
});

test('excerpt – nothing that could be used as a token is shown', (t) => {
  t.is(valueText('eyJhbGciOiJub25lIn0.e30.'), 'what looks like a token');
  t.is(valueText(undefined), 'missing');
});

test('excerpt – a list shows its first texts and counts the others', (t) => {
  t.is(listed(['a', 'b'.repeat(9)], 1), 'a and 1 more');
  t.is(listed(['a', 'b'.repeat(9)], 2, 3), 'a, bbb…');
});
