import test from 'ava';
import { normalizePath } from '../../src/core/policy/path.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import { matchesPattern, parsePattern } from '../../src/lib/pattern.ts';
import { regexToPath } from '../../src/migrate/path-of-regex.ts';

const accepted: [regex: string, path: string][] = [
  ['^/healthz$', '/healthz'],
  ['^/healthz/?$', '/healthz'],
  ['^/a/b-c_d~e$', '/a/b-c_d~e'],
  [String.raw`^/robots\.txt$`, '/robots.txt'],
  [String.raw`^\/a\/b$`, '/a/b'],
  [String.raw`^/\.well-known/jwks\.json$`, '/.well-known/jwks.json'],
  ['^/$', '/'],
  ['^/public/', '/public/*/**'],
  ['^/public/.*', '/public/*/**'],
  ['^/public/.*$', '/public/*/**'],
  ['^/public/.+$', '/public/*/**'],
  [String.raw`^\/public\/v1\.0\/`, '/public/v1.0/*/**'],
  ['^/public(/.*)?$', '/public/**'],
  ['^/public(?:/.*)?$', '/public/**'],
  ['^/public(/|$)', '/public/**'],
  ['^/public($|/)', '/public/**'],
];
for (const [regex, path] of accepted)
  test(`a regular expression of a path – ${regex} is ${path}`, (t) => {
    t.is(regexToPath(regex) as string, path);
  });

const refused: [regex: string, why: RegExp][] = [
  ['/healthz', /without \^/],
  ['/healthz$', /without \^/],
  ['healthz', /without \^/],
  ['', /without \^/],
  ['.*', /without \^/],
  ['^', /not a single path/],
  ['^.*', /not a single path/],
  ['^/', /covers every path/],
  ['^/.*', /covers every path/],
  ['^/.*$', /covers every path/],
  ['^/.+', /covers every path/],
  ['^/public', /longer names with the same beginning/],
  ['^/public.*', /longer names with the same beginning/],
  ['^/public.*$', /longer names with the same beginning/],
  ['^/public/$', /slash at its end/],
  ['^/robots.txt$', /unescaped dot/],
  ['^/api/v1.0/', /unescaped dot/],
  ['^/(health|ready)$', /not a single path/],
  ['^/health|^/ready', /not a single path/],
  ['^/healthz$|x', /not a single path/],
  ['^/a[bc]$', /not a single path/],
  ['^/a*$', /not a single path/],
  ['^/a+/', /not a single path/],
  ['^/a?$', /not a single path/],
  ['^/a/?/', /not a single path/],
  ['^/a{2}$', /not a single path/],
  [String.raw`^/\d+$`, /not a single path/],
  [String.raw`^/a\b`, /not a single path/],
  [String.raw`^/a\$`, /not a single path/],
  ['(?i)^/healthz$', /without \^/],
  ['^(?i)/healthz$', /not a single path/],
  ['^(/healthz)$', /not a single path/],
  ['^/public(/.*)?', /not a single path/],
  ['^/public(/.*)', /not a single path/],
  ['^/public/.*/secret$', /not a single path/],
  ['^/public/.*x', /not a single path/],
  ['^/public/.', /unescaped dot/],
  ['^//a$', /a request cannot have this path/],
  ['^/a//', /a request cannot have this path/],
  [String.raw`^/\.\./a$`, /a request cannot have this path/],
  ['^healthz$', /not a single path/],
  ['^/a;b$', /not a single path/],
  ['^/a%2fb$', /not a single path/],
  ['^/é$', /not a single path/],
  ['^/a$\n', /not a single path/],
  ['^/a\n$', /not a single path/],
  ['^/$$', /not a single path/],
];
for (const [regex, why] of refused)
  test(`a regular expression of a path – ${JSON.stringify(regex)} is refused`, (t) => {
    const path = regexToPath(regex);
    t.true(path instanceof Malformed, String(path));
    t.regex((path as Malformed).why, why);
  });

test('a regular expression of a path – the rule covers nothing that the expression does not, but for one slash at the end', (t) => {
  const segments = [
    'healthz',
    'public',
    'publicity',
    'robots.txt',
    'robotsXtxt',
    'a',
    'b',
    '.well-known',
    'v1.0',
  ];
  const paths = ['/', ...segments.map((one) => `/${one}`)];
  for (const one of segments) for (const two of segments) paths.push(`/${one}/${two}`, `/${one}/${two}/x`);
  for (const path of paths.slice(1)) paths.push(`${path}/`);
  let covered = 0;
  for (const regex of [...accepted, ...refused].map(([one]) => one)) {
    const path = regexToPath(regex);
    if (path instanceof Malformed) continue;
    const normal = normalizePath(path);
    const pattern = normal instanceof Malformed ? normal : parsePattern(normal.segments);
    if (pattern instanceof Malformed) return t.fail(pattern.why);
    // The syntax that is accepted means the same in Go and here.
    const expression = new RegExp(regex);
    for (const asked of paths) {
      const seen = normalizePath(asked);
      if (seen instanceof Malformed) return t.fail(seen.why);
      if (!matchesPattern(pattern, seen.segments)) continue;
      covered++;
      t.true(expression.test(asked) || expression.test(seen.text), `${regex} and ${asked}`);
    }
  }
  t.true(covered > 100);
});
