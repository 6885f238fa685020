import test from 'ava';
import { RouteIndex } from '../../../src/core/policy/route-index.ts';
import { atOnce } from '../../../src/lib/in-turns.ts';
import { find, type HttpText, httpRule, nowhere } from './rules.ts';

const cases: readonly [what: string, rule: HttpText, covered: readonly string[], not: readonly string[]][] = [
  ['an empty match', {}, ['GET a /', 'POST a.b.c /x/y/z'], []],
  [
    'a method',
    { methods: ['GET', 'PUT'] },
    ['GET a /x', 'PUT a /x'],
    ['POST a /x', 'get a /x', 'GETS a /x', 'HEAD a /x'],
  ],
  [
    'a host',
    { hosts: ['orders.example'] },
    ['GET orders.example /x'],
    ['GET orders /x', 'GET a.orders.example /x', 'GET orders.example.evil /x', 'GET ordersx.example /x'],
  ],
  [
    'hosts with *',
    { hosts: ['orders.*'] },
    ['GET orders.a /'],
    ['GET orders /', 'GET orders.a.b /', 'GET a.orders /', 'GET orders2.a /'],
  ],
  [
    'hosts with **',
    { hosts: ['**.example'] },
    ['GET example /', 'GET a.example /', 'GET a.b.example /x'],
    ['GET example.a /', 'GET axexample /', 'GET a /'],
  ],
  [
    'hosts with ** in the middle',
    { hosts: ['a.**.z'] },
    ['GET a.z /', 'GET a.b.z /', 'GET a.b.c.z /'],
    ['GET a /', 'GET z /', 'GET a.z.b /'],
  ],
  ['two hosts', { hosts: ['a', 'b.*'] }, ['GET a /', 'GET b.c /'], ['GET b /', 'GET c /', 'GET a.c /']],
  [
    'a path',
    { paths: ['/orders/new'] },
    ['GET a /orders/new'],
    [
      'GET a /orders',
      'GET a /orders/new/x',
      'GET a /orders/newer',
      'GET a /x/orders/new',
      'GET a /Orders/new',
      'GET a /',
    ],
  ],
  ['the root', { paths: ['/'] }, ['GET a /'], ['GET a /x']],
  [
    'paths with *',
    { paths: ['/orders/*'] },
    ['GET a /orders/1', 'GET a /orders/*', 'GET a /orders/**'],
    ['GET a /orders', 'GET a /orders/1/x', 'GET a /ordersx/1'],
  ],
  [
    'paths with **',
    { paths: ['/orders/**'] },
    ['GET a /orders', 'GET a /orders/1', 'GET a /orders/1/x'],
    ['GET a /', 'GET a /ordersx', 'GET a /ordersx/1', 'GET a /x/orders'],
  ],
  ['** alone', { paths: ['/**'] }, ['GET a /', 'GET a /x/y'], []],
  ['* alone', { paths: ['/*'] }, ['GET a /x'], ['GET a /', 'GET a /x/y']],
  [
    '** first',
    { paths: ['/**/admin'] },
    ['GET a /admin', 'GET a /x/y/admin', 'GET a /admin/admin'],
    ['GET a /admin/x', 'GET a /xadmin'],
  ],
  [
    '** in the middle',
    { paths: ['/a/**/z'] },
    ['GET h /a/z', 'GET h /a/b/z', 'GET h /a/z/z'],
    ['GET h /a', 'GET h /z', 'GET h /a/z/b'],
  ],
  [
    '** twice',
    { paths: ['/**/a/**/b'] },
    ['GET h /a/b', 'GET h /x/a/y/b', 'GET h /a/a/b/b'],
    ['GET h /b/a', 'GET h /a', 'GET h /a/b/x'],
  ],
  ['* after **', { paths: ['/**/*/x'] }, ['GET h /a/x', 'GET h /x/x', 'GET h /a/b/x'], ['GET h /x']],
  [
    'host and path',
    { hosts: ['a'], paths: ['/b'] },
    ['GET a /b'],
    ['GET b /a', 'GET a.b /', 'GET a /', 'GET a /a/b'],
  ],
  [
    'a host ** that ends where the path begins',
    { hosts: ['a.**'], paths: ['/admin'] },
    ['GET a /admin', 'GET a.b /admin', 'GET a.b.c /admin'],
    ['GET a /b/admin', 'GET a.b /x/admin', 'GET b /admin', 'GET a /'],
  ],
  [
    'a host ** before a path **',
    { hosts: ['**'], paths: ['/x/**'] },
    ['GET a /x', 'GET a.b /x/y'],
    ['GET a.x /', 'GET a /y/x', 'GET x /'],
  ],
  [
    'a path ** that begins where the host ends',
    { hosts: ['a'], paths: ['/**'] },
    ['GET a /', 'GET a /x'],
    ['GET a.b /x', 'GET b /a/x'],
  ],
  [
    'literals that look like wildcards in a request',
    { hosts: ['a'], paths: ['/x/y'] },
    ['GET a /x/y'],
    ['GET a /x/*', 'GET a /*/y', 'GET a /**', 'GET * /x/y', 'GET ** /x/y'],
  ],
  [
    'segments called like members',
    { hosts: ['constructor'], paths: ['/__proto__/toString'] },
    ['GET constructor /__proto__/toString'],
    ['GET a /__proto__', 'GET constructor /'],
  ],
];
for (const [what, rule, covered, not] of cases)
  test(`route index – ${what} covers what it says and nothing else`, (t) => {
    for (const asked of covered)
      t.is(find([{ name: 'rule', ...rule }], asked), 'rule', `must cover ${asked}`);
    for (const asked of not)
      t.is(find([{ name: 'rule', ...rule }], asked), undefined, `must not cover ${asked}`);
  });

test('route index – a request that is called like a member of an object matches no rule by that (attacks 3)', (t) => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    t.is(find([{ name: 'rule', paths: ['/a'] }], `GET ${name} /${name}`), undefined);
});

const wide = { name: 'wide', paths: ['/**'] };
const narrow = { name: 'narrow', paths: ['/admin'] };
const star = { name: 'star', paths: ['/*'] };
for (const [rules, asked, expected] of [
  [[narrow, star, wide], 'GET a /admin', 'narrow'],
  [[star, narrow, wide], 'GET a /admin', 'star'],
  [[wide, star, narrow], 'GET a /admin', 'wide'],
  [[wide, narrow], 'GET a /admin', 'wide'],
  [[narrow, wide], 'GET a /admin/x', 'wide'],
  [[star, wide], 'GET a /', 'wide'],
  [[{ ...narrow, methods: ['POST'] }, wide], 'GET a /admin', 'wide'],
  [
    [
      { ...narrow, hosts: ['b'] },
      { ...narrow, name: 'second' },
    ],
    'GET a /admin',
    'second',
  ],
  [
    [
      { ...narrow, methods: ['POST'] },
      { ...narrow, name: 'get', methods: ['GET'] },
    ],
    'GET a /admin',
    'get',
  ],
  [[narrow, { ...narrow, name: 'second' }], 'GET a /admin', 'narrow'],
  [
    [
      { name: 'two', paths: ['/x', '/y'] },
      { name: 'y', paths: ['/y'] },
    ],
    'GET a /y',
    'two',
  ],
  [[], 'GET a /', undefined],
] as const)
  test(`route index – of ${rules.map(({ name }) => name).join(', ') || 'no rules'} the first counts for ${asked}: ${expected}`, (t) => {
    t.is(find(rules, asked), expected);
  });

test('route index – one index answers many requests, each as if it were the first (route-index.ts)', (t) => {
  const index = atOnce(
    RouteIndex.make([
      httpRule('b', { paths: ['/**/b'] }),
      httpRule('a', { paths: ['/a/**'], methods: ['GET'] }),
    ]),
  );
  const ask = (method: string, path: string[]) =>
    index.find({ ...nowhere, host: { labels: ['h'], tail: '' }, method, path });
  for (let n = 0; n < 1_000; n++) {
    t.is(ask('GET', ['a', 'x', 'b'])?.name, 'b');
    t.is(ask('GET', ['a', 'x'])?.name, 'a');
    t.is(ask('POST', ['a', 'x'])?.name, undefined);
  }
});

test('route index – many ** on a long path take no exponential time (attacks: DoS)', (t) => {
  const deep = Array.from({ length: 30 }, () => '**/a').join('/');
  const rules = [
    { name: 'never', paths: [`/${deep}/b`] },
    { name: 'ends', paths: [`/${deep}`] },
  ];
  t.is(find(rules, `GET a ${'/a'.repeat(128)}`), 'ends');
  t.is(find(rules, `GET a ${'/a'.repeat(29)}`), undefined);
});
