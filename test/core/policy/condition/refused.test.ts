import test from 'ava';
import { compileCondition } from '../../../../src/core/policy/condition/condition.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';

const objects = 'there are: request, token, peer, serviceAccount, claims';
const tokenFields = 'there are: subject, issuer, client_id, scopes, audiences, actor, actors';
const hasTakes = "a path such as claims.tenant; for a header write 'x-tenant' in request.headers";
const hasPart = `has() cannot ask for a part of a text or list; it takes ${hasTakes}`;
const types = 'both sides must be of one type; ! takes a bool, and `in` a list on its right';
const noRegex =
  'matches() is not offered, because a regular expression can take very long; use startsWith(), endsWith() or contains()';
const writtenTime =
  "timestamp() takes a literal time in the years 1900 to 2099, with at most milliseconds, such as '2026-01-31T12:00:00Z', or int(…) of a claim in seconds";
const writtenSpan =
  "duration() takes a literal span in h, m, s or ms, with at most milliseconds, such as '90s' or '1h30m'";
const compare = 'compare it with something, such as == true';

const cases: readonly [source: string, why: string | RegExp][] = [
  // Names and fields.
  ["clams.tenant == 'a'", `line 1, column 1: "clams" is not known; ${objects}`],
  ["claims.a == 'a' &&\n  clams.b == 'b'", `line 2, column 3: "clams" is not known; ${objects}`],
  ['claims.a == constructor', `line 1, column 13: "constructor" is not known; ${objects}`],
  ["string == 'a'", `line 1, column 1: "string" is not known; ${objects}`],
  ["google.protobuf == 'a'", `line 1, column 1: "google" is not known; ${objects}`],
  ["__proto__ == 'a'", 'line 1, column 1: Reserved identifier: __proto__; choose another name'],
  ["token.tenant == 'a'", `line 1, column 7: token does not have the field "tenant"; ${tokenFields}`],
  ["token['tenant'] == 'a'", `line 1, column 1: token does not have the field "tenant"; ${tokenFields}`],
  [
    "token.constructor == 'a'",
    `line 1, column 7: token does not have the field "constructor"; ${tokenFields}`,
  ],
  ["token.__proto__ == 'a'", `line 1, column 7: token does not have the field "__proto__"; ${tokenFields}`],
  [
    "token[claims.x] == 'a'",
    `line 1, column 1: token does not have a field whose name is computed; ${tokenFields}`,
  ],
  ['has(token.tenant)', `line 1, column 11: token does not have the field "tenant"; ${tokenFields}`],
  ['!has(token.tenant)', `line 1, column 12: token does not have the field "tenant"; ${tokenFields}`],
  [
    "request.query == 'a'",
    'line 1, column 9: request does not have the field "query" (servers read queries in different ways); there are: method, host, path, headers, time',
  ],
  [
    "peer.id == 'a'",
    'line 1, column 6: peer does not have the field "id"; there are: spiffe_id, trust_domain, namespace, service_account, source, thumbprint, via',
  ],
  [
    'serviceAccount.uid == "a"',
    'line 1, column 16: serviceAccount does not have the field "uid"; there are: namespace, name, pod, node, node_uid, credential_id',
  ],
  [
    'token == token',
    `line 1, column 1: token is not a value; use one of its fields: subject, issuer, client_id, scopes, audiences, actor, actors`,
  ],
  ["request.headers['X-Tenant'] == 'a'", 'line 1, column 1: write header names in lower case: "x-tenant"'],
  ["'X-Tenant' in request.headers", 'line 1, column 1: write header names in lower case: "x-tenant"'],
  ['has(request.headers.Accept)', 'line 1, column 21: write header names in lower case: "accept"'],
  ['has(token.subject.x)', `line 1, column 1: ${hasPart}`],
  ['has(token.scopes.x)', `line 1, column 1: ${hasPart}`],
  ['has(request.headers.a.b)', `line 1, column 1: ${hasPart}`],
  ['token.scopes.exists(s, has(s.x))', `line 1, column 24: ${hasPart}`],
  ["has(claims['a'])", `line 1, column 1: has() takes ${hasTakes}`],
  ['has(claims)', `line 1, column 1: has() takes ${hasTakes}`],

  // Types.
  ['token.subject == 1', `line 1, column 1: no such overload: string == int; ${types}`],
  ['claims.a == 1 ||\n\ttoken.subject == 1', `line 2, column 2: no such overload: string == int; ${types}`],
  ['token.scopes.exists(s, s == 1)', `line 1, column 24: no such overload: string == int; ${types}`],
  ["'a' in token.subject", `line 1, column 1: no such overload: string in string; ${types}`],
  ['request.time > 1', `line 1, column 1: no such overload: google.protobuf.Timestamp > int; ${types}`],
  ["request.headers == 'a'", `line 1, column 1: no such overload: map<string, string> == string; ${types}`],
  ['!token.subject', `line 1, column 1: no such overload: !string; ${types}`],
  [
    'token.subject && true',
    `line 1, column 1: Logical operator requires bool operands, got 'string'; ${compare}`,
  ],
  [
    'token.subject ? true : false',
    `line 1, column 7: Ternary condition must be bool, got 'string'; ${compare}`,
  ],
  [
    "claims.a ? 1 : 'a'",
    "line 1, column 1: Ternary branches must have the same type, got 'int' and 'string'; both results must be of one type",
  ],
  [
    'token.scopes.all(s, s)',
    `line 1, column 21: all(var, predicate) predicate must return bool, got 'string'; ${compare}`,
  ],
  [
    "token.scopes == ['a', 1]",
    "line 1, column 23: List elements must have the same type, expected type 'string' but found 'int'; all elements of a list must be of one type",
  ],
  ["token.scopes['a'] == 'b'", "line 1, column 1: List index must be int, got 'string'"],
  ['token.subject.x == 1', "line 1, column 15: Cannot index type 'string'"],

  // The result.
  ['token.subject', "the result is of type string; it must be a bool, such as claims.tenant == 'acme'"],
  ['size(token.scopes)', "the result is of type int; it must be a bool, such as claims.tenant == 'acme'"],
  [
    "token.scopes.filter(s, s == 'a')",
    "the result is of type list<string>; it must be a bool, such as claims.tenant == 'acme'",
  ],
  ['claims', "the result is of type map<string, dyn>; it must be a bool, such as claims.tenant == 'acme'"],
  ['null', "the result is of type null; it must be a bool, such as claims.tenant == 'acme'"],

  // What has no bound, or is read otherwise elsewhere.
  ["token.subject.matches('(a+)+$')", `line 1, column 1: ${noRegex}`],
  ["matches(token.subject, '(a+)+$')", `line 1, column 1: ${noRegex}`],
  ["token.subject == 'a' || claims.a.matches(claims.b)", `line 1, column 25: ${noRegex}`],
  ['timestamp(claims.t) < request.time', `line 1, column 1: ${writtenTime}`],
  ["timestamp('tomorrow at noon, UTC') < request.time", `line 1, column 1: ${writtenTime}`],
  ["timestamp('2026-01-31T12:00:00') < request.time", `line 1, column 1: ${writtenTime}`],
  ["duration(claims.d) < duration('1s')", `line 1, column 1: ${writtenSpan}`],
  ["duration('1 hour') < duration('1s')", `line 1, column 1: ${writtenSpan}`],
  ["request.time.getHours('Europe/Berlin') == 1", 'line 1, column 1: .getHours() takes no argument'],
  ['token.subject.startsWith() == true', 'line 1, column 1: .startsWith() takes one argument'],
  ['token.scopes.exists(s) == true', 'line 1, column 1: .exists() takes a name and an expression'],
  ['cel.bind(x, 1, true)', /^line 1, column 1: \.bind\(\) is not offered; there are: size, contains, /],
  ['claims.a.map(x, x) == [1]', /^line 1, column 1: \.map\(\) is not offered; /],
  ["token.subject.lowerAscii() == 'a'", /^line 1, column 1: \.lowerAscii\(\) is not offered; /],
  ["claims.a.split(',') == ['a']", /^line 1, column 1: \.split\(\) is not offered; /],
  ['bytes(claims.a).json() == claims.b', /^line 1, column 1: \.json\(\) is not offered; /],
  ["token.subject.constructor() == 'a'", /^line 1, column 1: \.constructor\(\) is not offered; /],
  ["constructor('a') == 'a'", /^line 1, column 1: constructor\(\) is not offered; there are: has, size, /],
  ['type(claims.a) == type(1)', /^line 1, column 1: type\(\) is not offered; /],
  [
    "{'a': true}[claims.x]",
    'line 1, column 1: maps and optional values are not supported; use lists and has()',
  ],
  [
    'token.scopes.exists(token, true)',
    'line 1, column 21: token is already a name; choose another one for the element',
  ],
  [
    'token.scopes.exists(claims, true)',
    'line 1, column 21: claims is already a name; choose another one for the element',
  ],

  // What is no expression at all.
  ['', 'line 1, column 1: Unexpected token: EOF'],
  ['claims.a ==', 'line 1, column 12: Unexpected token: EOF'],
  ["claims.a = 'b'", 'line 1, column 10: Unexpected character: ='],
  ["claims.a == 'b", 'line 1, column 13: Unterminated string'],
  ["(claims.a == 'b'", 'line 1, column 17: Expected RPAREN, got EOF'],
  ["claims.a == 'b'\n)", "line 2, column 1: Unexpected character: ')'"],
  ['claims.?a == 1', 'line 1, column 8: Expected IDENTIFIER, got QUESTION'],

  // Limits.
  [
    `${'('.repeat(51)}true${')'.repeat(51)}`,
    'line 1, column 51: Exceeded maxDepth (50); split it into several rules',
  ],
  ['-'.repeat(4_000), /^line 1, column \d+: /],
  [`${'!'.repeat(4_000)}true`, /Exceeded maxAstNodes \(1000\); split it into several rules$/],
  [
    `[${'1,'.repeat(501)}1].exists(x, x == 1)`,
    /Exceeded maxListElements \(500\); split it into several rules$/,
  ],
  [`true${' && true'.repeat(600)}`, 'longer than 4096 characters'],
];
for (const [source, why] of cases)
  test(`condition – ${JSON.stringify(source.slice(0, 60))} is refused when it is loaded`, (t) => {
    const compiled = compileCondition(source);
    if (!(compiled instanceof Malformed)) return t.fail('it was compiled');
    if (typeof why === 'string') t.is(compiled.why, why);
    else t.regex(compiled.why, why);
  });
