import test from 'ava';
import fc from 'fast-check';
import { hasParameter, walkPairs } from '../../../src/core/token/form.ts';
import { isOfScheme, namesScheme } from '../../../src/core/token/scheme.ts';
import { clientNameIn, clientNames } from '../../../src/core/token/token-request.ts';

const piece = fc.constantFrom(
  '&',
  '=',
  '+',
  '%',
  ';',
  '?',
  '#',
  '%26',
  '%3D',
  '%00',
  '%e2%80%a8',
  '%ff',
  '%zz',
  '%6',
  'é',
  '\u{1f600}',
  '\ud800',
  ' ',
  'access_token',
  '%61ccess_token',
  'access%5ftoken',
  'ACCESS_TOKEN',
  'client_id',
  'client.id',
  'Client_Assertion',
  'client_id[]',
  'client_id[x]',
  '[client_id]x',
  'client_id\0x',
  'client_id%00',
  '_client_secret',
  '%63lient_assertion_type',
  'client__id',
  'client',
  'x',
);
const hostile = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const many = { numRuns: 20_000, seed: 4711 };

/** What the readers did before they walked: they asked URLSearchParams, and a pattern. */
const plainBefore = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z]+/g, '_')
    .replace(/^_|_$/g, '');

function pairsOf(text: string): [string, string][] {
  const pairs: [string, string][] = [];
  const read = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  walkPairs(text, '&', (bytes, name, equals, end) => {
    pairs.push([read(bytes.subarray(name, equals)), read(bytes.subarray(Math.min(equals + 1, end), end))]);
  });
  return pairs;
}

test('form – a query has a parameter exactly where URLSearchParams finds it', (t) => {
  fc.assert(
    fc.property(hostile, (query) => {
      t.is(hasParameter(query, 'access_token'), new URLSearchParams(`?${query}`).has('access_token'));
    }),
    many,
  );
});

test('form – pairs of ASCII are those of URLSearchParams, in their order', (t) => {
  fc.assert(
    fc.property(hostile, (text) => {
      // What is outside ASCII is bytes there, and no byte of UTF-8 here: such a name matches no parameter.
      if (/[^\0-\x7f]/.test(text)) return;
      t.deepEqual(pairsOf(text), [...new URLSearchParams(`?${text}`)]);
    }),
    many,
  );
});

test('form – a name passes for a client parameter where a pattern, asked of what URLSearchParams finds, says so', (t) => {
  fc.assert(
    fc.property(hostile, (text) => {
      // Deliberately stricter: "İ" became an i in lower case, and so hid what stands behind it.
      if (/\u0130|%c4%b0/i.test(text)) return;
      // Beside an escape, Node's own reader makes a NUL of characters such as U+1F600.
      if (/[^\0-\xff]/.test(text)) return;
      const names: readonly string[] = clientNames;
      const before = [...new URLSearchParams(`?${text}`).keys()].map((name) => {
        const [plain, cut] = [name, name.replace(/^([^a-z]*[a-z][^\0[\]]*).*$/is, '$1')].map(plainBefore);
        return names.includes(plain ?? '') ? plain : cut;
      });
      const now: (string | undefined)[] = [];
      walkPairs(text, '&', (bytes, begin, equals) => now.push(clientNameIn(bytes, begin, equals)));
      t.deepEqual(
        now.filter((name) => name !== undefined),
        before.filter((name) => names.includes(name ?? '')),
      );
    }),
    many,
  );
});

test('form – a name that PHP or qs cuts off is the name that they read', (t) => {
  const named = (text: string) => {
    let found: string | undefined;
    walkPairs(text, '&', (bytes, begin, equals) => {
      found = clientNameIn(bytes, begin, equals);
    });
    return found;
  };
  for (const text of [
    'client_id%00x=b',
    'client_id[x]=b',
    'client_id%5Bx%5D=b',
    '[client_id]x=b',
    '+client.id%00=b',
  ])
    t.is(named(text), 'client_id', text);
  for (const text of ['x[client_id]=b', 'x%00client_id=b', 'client%00_id=b2', 'client_idx=b'])
    t.is(named(text), text.startsWith('client%00') ? 'client_id' : undefined, text);
});

test('form – with ; as a separator, the names are those of the text with & for it', (t) => {
  fc.assert(
    fc.property(hostile, (text) => {
      const [one, other] = [text, text.replaceAll(';', '&')].map((of, index) => {
        let count = 0;
        walkPairs(of, index === 0 ? '&;' : '&', (bytes, begin, equals) => {
          if (clientNameIn(bytes, begin, equals)) count++;
        });
        return count;
      });
      t.is(one, other);
    }),
    many,
  );
});

const schemePiece = fc.constantFrom(
  'bearer',
  'Bearer',
  'BASIC',
  'basic',
  ',',
  ' ',
  '\t',
  '\xa0',
  '_',
  'x',
  '7',
  '=',
  '\n',
  '\ufeff',
  '\u2003',
);
const schemes = fc.array(schemePiece, { maxLength: 8 }).map((pieces) => pieces.join(''));

test('scheme – it is found where the patterns of before found it', (t) => {
  fc.assert(
    fc.property(schemes, (header) => {
      t.is(namesScheme(header, 'bearer'), /(^|,)\s*bearer\b/i.test(header), JSON.stringify(header));
      t.is(namesScheme(header, 'basic'), /(?:^|,)\s*basic\b/i.test(header), JSON.stringify(header));
      t.is(isOfScheme(header, 'bearer'), /^bearer\b/i.test(header.trimStart()), JSON.stringify(header));
    }),
    many,
  );
});

test('scheme – every character that a pattern takes for a blank is one', (t) => {
  const wrong: string[] = [];
  for (let code = 0xa0; code <= 0xffff; code++)
    if (isOfScheme(`${String.fromCharCode(code)}bearer a`, 'bearer') !== /\s/.test(String.fromCharCode(code)))
      wrong.push(code.toString(16));
  t.deepEqual(wrong, []);
});

test('scheme – deliberately stricter: no control character hides one', (t) => {
  for (const blank of ['\0', '\x1f', '\x7f', '\x85']) t.true(namesScheme(`x,${blank}bearer a`, 'bearer'));
});
