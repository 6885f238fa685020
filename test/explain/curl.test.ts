import test from 'ava';
import fc from 'fast-check';
import { readCurl } from '../../src/explain/curl.ts';
import { shellWords } from '../../src/explain/shell-words.ts';
import { Malformed } from '../../src/lib/malformed.ts';

const files: Record<string, string> = {
  'client.pem': 'PEM',
  form: 'a=1&\nb=2\n',
  heads: 'X-One: 1\r\nX-Two: 2\r\n',
};
const read = (line: string) => readCurl(line, (path) => files[path] ?? '');

const url = 'https://orders.example.com/orders/7?a=b';
const get = { method: 'GET', host: 'orders.example.com', path: '/orders/7?a=b', headers: [] };
const form = ['content-type', 'application/x-www-form-urlencoded'];

const lines: Readonly<Record<string, object>> = {
  [`curl ${url}`]: get,
  [`curl -sSk --http2 '${url}'`]: get,
  [`curl --url ${url}`]: get,
  [`curl -X DELETE ${url}`]: { ...get, method: 'DELETE' },
  [`curl -XPUT ${url}`]: { ...get, method: 'PUT' },
  [`curl --request=PATCH ${url}`]: { ...get, method: 'PATCH' },
  [`curl -I ${url}`]: { ...get, method: 'HEAD' },
  [`curl -H "Authorization: Bearer a.b.c" -H 'X-Tenant:  acme ' ${url}`]: {
    ...get,
    headers: [
      ['Authorization', 'Bearer a.b.c'],
      ['X-Tenant', 'acme'],
    ],
  },
  [`curl \\\n  -H $'X-Name: it\\'s' \\\r\n  ${url}`]: { ...get, headers: [['X-Name', "it's"]] },
  [`curl -H @heads -H 'Accept:' -H 'X-Empty;' ${url}`]: {
    ...get,
    headers: [
      ['X-One', '1'],
      ['X-Two', '2'],
      ['X-Empty', ''],
    ],
  },
  [`curl --oauth2-bearer t ${url}`]: { ...get, headers: [['authorization', 'Bearer t']] },
  [`curl -u me:secret ${url}`]: { ...get, headers: [['authorization', 'Basic bWU6c2VjcmV0']] },
  [`curl --cert client.pem:secret --key k.pem ${url}`]: { ...get, certificate: 'PEM' },
  [`curl -H 'Host: other.example.com' ${url}`]: { ...get, host: 'other.example.com' },
  [`curl -d a=1 -d b=2 ${url}`]: { ...get, method: 'POST', headers: [form], body: 'a=1&b=2' },
  [`curl -d @form ${url}`]: { ...get, method: 'POST', headers: [form], body: 'a=1&b=2' },
  [`curl --data-urlencode 'q=a b' -G ${url}`]: { ...get, path: '/orders/7?a=b&q=a%20b' },
  [`curl --json-is-not-used ${url}`]: new Malformed(
    'the curl option --json-is-not-used is not known here: leave it out if it does not change the request',
  ),
  [`curl -sZ ${url}`]: new Malformed(
    'the curl option -Z is not known here: leave it out if it does not change the request',
  ),
  'curl http://orders.example.com:80': { ...get, path: '/' },
  'curl https://orders.example.com:8443/a/../b/./c#d': {
    ...get,
    host: 'orders.example.com:8443',
    path: '/b/c',
  },
  'curl --path-as-is https://orders.example.com/a/../b': { ...get, path: '/a/../b' },
  'curl https://user@orders.example.com': { ...get, path: '/' },
  'curl orders.example.com/x': { ...get, path: '/x' },
  curl: new Malformed('the command line has no URL'),
  'wget https://a.example': new Malformed('the command line does not begin with curl'),
  "curl 'https://a.example": new Malformed('the quote at character 6 is not closed'),
  'curl https://a.example https://b.example': new Malformed('more than one URL: "https://b.example"'),
  'curl -X': new Malformed('-X needs a value'),
};

for (const [line, expected] of Object.entries(lines))
  test(`curl – ${JSON.stringify(line)}`, (t) => {
    t.deepEqual(read(line), expected as ReturnType<typeof read>);
  });

test('curl – any list of words is read as a shell would, and never throws', (t) => {
  const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      t.deepEqual(shellWords(words.map(quote).join(' \\\n\t')), words);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'\'"\\$ \n-XHd:=a/') }), (line) => {
      t.notThrows(() => read(`curl ${line}`));
    }),
  );
});

test('curl – a long line takes little time', (t) => {
  const began = process.threadCpuUsage();
  for (const part of ["'\\", '\\"', '" ', "$'\\'", '-H a:b ', ' ', '\\\n'])
    read(`curl ${part.repeat(200_000 / part.length)}`);
  const { user, system } = process.threadCpuUsage(began);
  t.true(user + system < 3_000_000);
  t.true(read(`curl ${'x'.repeat(300_000)}`) instanceof Malformed);
});
