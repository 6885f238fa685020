import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { headerValue } from '../../../src/core/identity/header-value.ts';
import { longestBody, longestHead, mostHeaders } from '../../../src/core/presented-size.ts';
import { readClientAssertion } from '../../../src/core/token/client-assertion.ts';
import { evidenceOf } from '../../../src/grpc/check-request.ts';
import { readAllowLists } from '../../../src/http/forward-auth.ts';

const form =
  'client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_id=a&client_assertion=b&x=';
const read = (body: string) =>
  readClientAssertion({
    method: 'POST',
    host: 'a',
    path: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
const check = (http: object) => evidenceOf({ attributes: { request: { http } } });

test('lengths – a form of 64 KiB is read, one character more is refused', (t) => {
  t.false(read(form.padEnd(longestBody, 'x')) instanceof Denial);
  const refused = read(form.padEnd(longestBody + 1, 'x'));
  t.is(refused instanceof Denial && refused.reason, 'body_unreadable');
  t.is(refused instanceof Denial && refused.detail, 'the form is longer than 65536 characters');
});

test('lengths – the gRPC door passes on one character of a body more than the limit', (t) => {
  const body = 'x'.repeat(4_000_000);
  t.is(check({ body }).request?.body?.length, longestBody + 1);
  t.is(check({ rawBody: Buffer.from(body) }).request?.body?.length, longestBody + 1);
});

test('lengths – the gRPC door accepts the sizes that Envoy lets through by default', (t) => {
  const path = `/${'a'.repeat(60 * 1024)}`;
  const headers = {
    ':path': path,
    ...Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`x-${n}`, ''])),
  };
  t.is(check({ method: 'GET', host: 'a', path, headers }).flaw, undefined);
});

test('lengths – more headers, or longer ones, are request_too_large at the gRPC door', (t) => {
  const many = Array.from({ length: mostHeaders + 1 }, (_, n) => ({
    key: `x-${n}`,
    rawValue: Buffer.from('a'),
  }));
  const rawValue = Buffer.alloc(longestHead + 1, 'a');
  for (const http of [
    { headerMap: { headers: many } },
    { headers: Object.fromEntries(many.map(({ key }) => [key, 'a'])) },
    { headerMap: { headers: [{ key: 'x', rawValue }] } },
    { headers: { x: rawValue.toString() } },
    { path: rawValue.toString() },
  ]) {
    const { flaw, request } = check(http);
    t.is(flaw?.reason, 'request_too_large');
    t.deepEqual(request?.headers, {});
    t.true((request?.path.length ?? 0) <= 1_024);
  }
  t.is(check({ headerMap: { headers: many.slice(1) } }).flaw, undefined);
});

test("lengths – the proxy's own query has 8 KiB at the most", (t) => {
  const query = (length: number) => '?allowed_groups='.padEnd(length, 'a');
  t.false(readAllowLists(query(8_192)) instanceof Denial);
  t.true(readAllowLists(query(8_193)) instanceof Denial);
});

test("lengths – the proxy's own query is taken apart as URLSearchParams does it", (t) => {
  for (const [query, allowLists] of [
    ['', undefined],
    ['?', undefined],
    ['?&&', undefined],
    ['?allowed_groups=a,b&allowed_groups=%62,%20c+', { groups: ['a', 'b', 'c'] }],
    ['?allowed_groups', { groups: [] }],
    ['?allowed_emails=a%40b', { emails: ['a@b'] }],
    ['?%61llowed_email_domains=.a.example', { emailDomains: ['.a.example', 'a.example'] }],
  ] as const)
    t.deepEqual(readAllowLists(query) as unknown, allowLists, query);
  for (const query of ['?x', '?allowed_group=a', '?Allowed_Groups=a', '?=a'])
    t.true(readAllowLists(query) instanceof Denial, query);
});

test('lengths – a value that is too long for a header is not encoded', (t) => {
  t.is(headerValue([' '.repeat(8_193)]), undefined);
  t.is(
    headerValue(
      Array.from({ length: 8_194 }, () => ''),
      ',',
    ),
    undefined,
  );
  t.is(headerValue([`${' '.repeat(2_000)}a b${' '.repeat(700)}`])?.length, 3 * 2_700 + 3);
  t.is(headerValue(['  ']), '%20%20');
  t.is(headerValue([' a  b ', 'c'], ','), '%20a  b%20,c');
});
