import test from 'ava';
import { costlyIn, costlyPatterns } from './costly-patterns.ts';

/** What may stay, by file and text, with the reason why it cannot cost a caller's request anything. */
const exceptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'core/binding/nonce-keys.ts': { '.trim()': "the operator's own file" },
  'core/binding/target.ts': {
    "/^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/":
      'linear: only an escape begins with %; a proof and a path are bounded before',
  },
  'core/internal-token/signing-key.ts': {
    '.trim()': "the operator's own file",
    '/-----BEGIN (?:ENCRYPTED PRIVATE KEY-----|[A-Z ]{0,20}PRIVATE KEY-----\\s+Proc-Type: 4,ENCRYPTED)/':
      "the operator's own file",
  },
  'http/forward-auth.ts': { '.trim()': "entries of the proxy's own query, which has 8 KiB at the most" },
  'core/peer/bundle-document.ts': { '.trimStart()': "the operator's own file" },
  'core/peer/certificate.ts': {
    '/^\\s*-----BEGIN CERTIFICATE-----\\r?\\n((?:[A-Za-z0-9+/]{1,76}\\r?\\n)*[A-Za-z0-9+/]{1,76}={0,2})\\r?\\n-----END CERTIFICATE-----\\s*$/':
      'linear: a line holds no line end, so it is read in one way; 16 KiB at the most',
  },
  'core/policy/condition/condition.ts': {
    '/\\s+/g': "the operator's own condition, at load",
    '.trim()': "the operator's own condition, at load",
  },
  'core/policy/host.ts': {
    '/:(\\d+)$/': "the operator's own rule; a tail is a dot and a port",
    '/^[a-z0-9_][a-z0-9_-]*(?:\\.[a-z0-9_-]+)*$/':
      'linear: a label holds no dot; a host has 260 characters at the most',
  },
  'core/policy/path-unicode.ts': {
    '/(?:^|\\/)[.\\u2024-\\u2026\\ufe19\\ufe30\\ufe52\\uff0e]+(?=\\/|$)/':
      'linear: it begins at a slash, and a run of dots holds none; the path has 8 KiB at the most',
    '/(?:%[0-9A-F]{2})+|[^%]+/g': 'linear: each part begins where the one before it ends',
  },
  'sources/client-authentication.ts': { 'new URLSearchParams': "writes the operator's own secret" },
  'sources/introspection-endpoint.ts': { 'new URLSearchParams': 'writes a token, which is bounded' },
  'migrate/door.ts': { '/^\\/*|\\/*$/g': "the operator's own command line" },
  'migrate/rules.ts': { '/^(.*?)!?=(.*)$/s': "the operator's own command line" },
  'migrate/path-of-regex.ts': { 'new RegExp': "the operator's own patterns, at the command line" },
  'compare/report.ts': { 'new RegExp': 'a name of ours, in a text of ours' },
  'cli/wrap.ts': {
    "/\\[[^\\]]*\\](?:\\.\\.\\.)?|\\([^)]*\\)|'[^']*'|[^\\s[('][^\\s]*/g": 'the usage of our own commands',
  },
  'telemetry/outlet.ts': { '/\\/+$/': "the operator's own address" },
  'trial/trial.ts': { 'new URLSearchParams': 'a form that we write ourselves' },
};

test('patterns – whatever could take longer than its input is long stands in the list with its reason', (t) => {
  const found = costlyPatterns();
  const unknown = found.filter(({ file, what }) => exceptions[file]?.[what] === undefined);
  t.deepEqual(unknown, [], 'new: bound the length and write a loop');
  for (const [file, texts] of Object.entries(exceptions))
    for (const what of Object.keys(texts))
      t.true(
        found.some((one) => one.file === file && one.what === what),
        `${file}: ${what} is gone, and so should its exception be`,
      );
});

for (const [source, file, why] of [
  ['x.replace(/^ +| +$/g, "")', 'main.ts', 'super-linear'],
  ['/^(a+)+$/.test(x)', 'main.ts', 'super-linear'],
  ['/^a*a*$/.test(x)', 'main.ts', 'super-linear'],
  ['x.split(/[^a-z]+/)', 'core/token/a.ts', 'unanchored repetition'],
  ['/^x|a+$/.test(x)', 'core/token/a.ts', 'super-linear'],
  [String.raw`/^eyJ[^.]*(?:\.[^.]*){2,}$/.test(x)`, 'core/token/a.ts', 'nested repetition'],
  ['new RegExp(x)', 'main.ts', 'not a literal'],
  ['const query: URLSearchParams = new URLSearchParams(x as string)', 'http/a.ts', 'by name'],
  ['x.trim()', 'core/token/a.ts', 'by name'],
] as const)
  test(`patterns – noticed: ${source}`, (t) => {
    t.deepEqual(
      costlyIn(source, file).map((one) => one.why),
      [why],
    );
  });

test('patterns – what is linear and anchored passes', (t) => {
  for (const source of [
    '/^[a-z]*$/.test(x)',
    '/^bearer ([a-z]+=*)$/i.exec(x)',
    '/%(?![0-9A-F]{2})/.test(x)',
    'a / b / c',
  ])
    t.deepEqual(costlyIn(source, 'core/token/a.ts'), [], source);
});
