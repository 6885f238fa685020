import test from 'ava';
import { compare } from '../../src/compare/compare.ts';
import { formats } from '../../src/compare/formats.ts';
import { parseWithoutFiles } from '../../src/config/load.ts';
import { now } from './judged.ts';

const before = `issuers:
  corp: {issuer: "https://corp.example", audiences: [orders], jwksUri: "https://corp.example/keys"}
peers: {trustDomains: {cluster.local: {}}}
rules:
- name: read
  match: {hosts: [orders.example], paths: ["/orders/*"]}
  require: {issuers: [corp], scopes: [orders.read]}
- name: docs
  match: {hosts: [docs.example]}
  require: {issuers: [corp]}
`;
const after = before
  .replace('[orders.read]', '[]')
  .replace('require: {issuers: [corp]}', 'require: {issuers: [corp], scopes: [docs]}');

function report(format: string, next = after) {
  const [old, current] = [parseWithoutFiles(before, 'old.yaml'), parseWithoutFiles(next, 'rules,1.yaml')];
  return compare(old, current, { now, limit: 10_000 }).then(
    (compared) => formats.get(format)?.(compared) ?? '',
  );
}

test('report – text says who sends what, and what each side says of it', async (t) => {
  const text = await report('text');
  t.is(
    text.replace(/\d+ requests judged/, 'some requests judged'),
    `Access widens:
  GET orders.example/orders/any
      sender: a certificate without a SPIFFE ID
      token: of corp, bound to the certificate of the sender, aud "orders", sub "someone"
      old: denied by the rule read: scope_missing (missing: orders.read; the token does not have any)
      new: allowed by the rule read

Access narrows:
  GET docs.example/
      sender: a certificate without a SPIFFE ID
      token: of corp, bound to the certificate of the sender, aud "orders", sub "someone"
      old: allowed by the rule docs
      new: denied by the rule docs: scope_missing (missing: docs; the token does not have any)

"any" stands for a name that no rule mentions.
widening: 1, narrowing: 1, other headers: 0, another rule: 0, not decided: 0 (some requests judged)`,
  );
});

test('report – text is short if nothing changes', async (t) => {
  t.is(
    await report('text', before),
    'widening: 0, narrowing: 0, other headers: 0, another rule: 0, not decided: 0 (0 requests judged)',
  );
});

test('report – github names the rule by file and line, and no text ends an annotation early', async (t) => {
  const [first = '', second = '', last = '', ...more] = (await report('github')).split('\n');
  t.true(
    first.startsWith(
      '::error file=rules%2C1.yaml,line=5,title=Access widens::GET orders.example/orders/any%0A',
    ),
  );
  t.true(
    second.startsWith('::warning file=rules%2C1.yaml,line=8,title=Access narrows::GET docs.example/%0A'),
  );
  t.regex(last, /^widening: 1, narrowing: 1/);
  t.deepEqual(more, []);
});

test('report – json holds every finding, and no token', async (t) => {
  const text = await report('json');
  const { widens, narrows, findings, notDecided } = JSON.parse(text);
  t.deepEqual([widens, narrows, findings.length, notDecided], [1, 1, 2, []]);
  t.deepEqual(findings[0].request, { method: 'GET', host: 'orders.example', path: '/orders/any' });
  t.is(findings[0].token.issuer, 'corp');
  t.is(findings[0].old.reason, 'scope_missing');
  t.false(/eyJ/.test(text));
});

test('report – a text of the configuration does not start a line of its own', async (t) => {
  const sly = before.replace('[orders.read]', '["a\\n::stop-commands::x"]');
  for (const format of ['text', 'github'])
    t.false(
      (await report(format, sly)).split('\n').some((line) => line.startsWith('::stop')),
      format,
    );
});

test('report – says what was not decided, and which headers differ', async (t) => {
  const other = before.replace('rules:', 'identity: {headers: {x-tenant: {claim: tenant}}}\nrules:');
  const text = await report('text', other.replace('/keys', '/other-keys'));
  t.regex(text, /\n {6}x-tenant: \(as the sender wrote it\), then \(removed\)\n/);
  t.regex(text, /Not decided, and it can be a widening:\n {2}issuers\.corp\.jwksUri is different/);
});
