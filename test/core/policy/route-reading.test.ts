import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import type { Evidence } from '../../../src/core/evidence.ts';
import { type DestinationReading, noForwarded } from '../../../src/core/peer/destination.ts';
import { parseSpiffePattern, type SpiffePattern } from '../../../src/core/peer/spiffe-id.ts';
import { type RouteReading, Routes } from '../../../src/core/policy/routes.ts';
import { ids } from '../peer/world.ts';
import { httpRule, request } from './rules.ts';

/** How a request is read before it is compared: hosts, paths, and the workload that is asked for. */

const strict = { ignoreCase: false, ignoreTrailingSlash: true };
const reading = (hosts: RouteReading['hosts'], paths = strict, destinations = noForwarded) => ({
  hosts,
  paths,
  destinations,
});

function outcome(routes: Routes, asked: Evidence): string {
  const route = routes.match(asked);
  return route instanceof Denial ? `${route.reason}: ${route.detail}` : route.rule.name;
}

const status = httpRule('status', { hosts: ['status.example.com'] });
const named = httpRule('named', { hosts: ['status.example.com:8443', 'status.example.com.'] });
const rest = httpRule('rest');

const unsure = (what: string, part: string, setting: string, it: string) =>
  `no_rule: GET ${what} /; the rule status would match without ${part}: set ${setting} if the proxy ignores ${it}`;

for (const [title, rules, hosts, host, expected] of [
  ['the same in capitals', [status, rest], {}, 'STATUS.Example.com', 'status'],
  [
    'a port, of which nothing is said',
    [status, rest],
    {},
    'status.example.com:666',
    unsure('status.example.com:666', 'the port :666', 'hosts.ignorePort', 'the port'),
  ],
  [
    'a final dot, of which nothing is said',
    [status, rest],
    {},
    'status.example.com.',
    unsure('status.example.com.', 'the final dot', 'hosts.ignoreTrailingDot', 'it'),
  ],
  [
    'both',
    [status, rest],
    {},
    'status.example.com.:1',
    unsure(
      'status.example.com.:1',
      'the final dot and the port :1',
      'hosts.ignoreTrailingDot and hosts.ignorePort',
      'them',
    ),
  ],
  ['a port, where it counts', [status, rest], { ignorePort: false }, 'status.example.com:666', 'rest'],
  [
    'a port, where it counts and nothing else matches',
    [status],
    { ignorePort: false },
    'status.example.com:666',
    unsure('status.example.com:666', 'the port :666', 'hosts.ignorePort', 'the port'),
  ],
  ['a port, where it does not', [status, rest], { ignorePort: true }, 'status.example.com:666', 'status'],
  [
    'a dot, where a port does not',
    [status, rest],
    { ignorePort: true },
    'status.example.com.:666',
    unsure('status.example.com.', 'the final dot', 'hosts.ignoreTrailingDot', 'it'),
  ],
  ['a port, whatever it means', [rest], {}, 'status.example.com:666', 'rest'],
  ['a port of another host', [status, rest], {}, 'other.example.com:666', 'rest'],
  ['a port that a rule names', [named, status, rest], {}, 'status.example.com:8443', 'named'],
  ['a port that a later rule names', [status, named, rest], {}, 'status.example.com:8443', 'named'],
  ['a dot that a rule names', [named, status, rest], {}, 'status.example.com.', 'named'],
  [
    'a dot with a port, of which a rule names each',
    [named, status, rest],
    {},
    'status.example.com.:8443',
    unsure(
      'status.example.com.:8443',
      'the final dot and the port :8443',
      'hosts.ignoreTrailingDot and hosts.ignorePort',
      'them',
    ),
  ],
  ['no port, where a rule names one', [named, rest], {}, 'status.example.com', 'rest'],
  [
    'a port with a zero in front',
    [named, rest],
    { ignorePort: false, ignoreTrailingDot: false },
    'status.example.com:08443',
    'rest',
  ],
] as const)
  test(`route reading – ${title}: ${expected.split(':')[0]} (attacks 20)`, (t) => {
    t.is(outcome(new Routes(rules, reading(hosts)), request({ host })), expected);
  });

test('route reading – the host of a condition is the one that was compared, or absent where that is not sure', (t) => {
  const hostOf = (hosts: RouteReading['hosts'], host: string) => {
    const route = new Routes([named, rest], reading(hosts)).match(request({ host }));
    return route instanceof Denial ? route.detail : route.host;
  };
  t.is(hostOf({}, 'Other.Example.com'), 'other.example.com');
  t.is(hostOf({}, 'other.example.com:80'), undefined);
  t.is(hostOf({}, 'status.example.com:8443'), 'status.example.com:8443');
  t.is(hostOf({ ignorePort: true }, 'other.example.com:80'), 'other.example.com');
  t.is(hostOf({ ignorePort: false }, 'other.example.com:80'), 'other.example.com:80');
  t.is(hostOf({ ignorePort: true }, 'other.example.com.:80'), undefined);
});

const owned = [
  httpRule('docs', { destinations: [ids.gateway], hosts: ['docs.test'] }),
  httpRule('orders', { destinations: [ids.orders], hosts: ['orders.*'] }),
  httpRule('metrics', { destinations: [ids.orders], ports: [9090] }),
];
function at(principal: string, host: string, xfcc?: string, port = 8080): Evidence {
  const headers: Record<string, string> = xfcc === undefined ? {} : { 'x-forwarded-client-cert': xfcc };
  return { ...request({ host, headers }), destination: { principal, port } };
}
const by = (name: string) => `By=${name};URI=${ids.client}`;
/** As the HTTP door hands it over, which knows that a proxy wrote the last element. */
const over = (evidence: Evidence): Evidence => ({
  ...evidence,
  destination: { ...evidence.destination, forwarded: true },
});
const believed: DestinationReading = { xfcc: true, waypoints: [] };
const behind: DestinationReading = {
  xfcc: true,
  waypoints: [parseSpiffePattern('spiffe://cluster.local/ns/orders/sa/*') as SpiffePattern],
};
for (const [title, evidence, destinations, rule] of [
  ['its own workload', at(ids.orders, 'orders.x'), believed, 'orders'],
  ['another workload', at(ids.orders, 'docs.test'), believed, undefined],
  ['no workload', at('', 'orders.x'), believed, undefined],
  ['a DNS name, as a gateway has', at('orders.example.com', 'orders.x'), believed, undefined],
  ['By, where the proxy names none', over(at('', 'orders.x', by(ids.orders))), believed, 'orders'],
  ['By, of another', over(at('', 'docs.test', by(ids.orders))), believed, undefined],
  ['By, where XFCC is not believed', over(at('', 'orders.x', by(ids.orders))), noForwarded, undefined],
  [
    'By, against what the proxy names',
    over(at(ids.orders, 'docs.test', by(ids.gateway))),
    believed,
    undefined,
  ],
  ['By, against a DNS name', over(at('docs.example', 'docs.test', by(ids.gateway))), believed, undefined],
  [
    'By in an element before the last',
    over(at('', 'docs.test', `${by(ids.gateway)},${by(ids.orders)}`)),
    believed,
    undefined,
  ],
  ['By twice', over(at('', 'orders.x', `By=${ids.orders};${by(ids.orders)}`)), believed, undefined],
  ['an unreadable header', over(at('', 'orders.x', `${by(ids.orders)},`)), believed, undefined],
  ['the JSON form', over(at('', 'orders.x', JSON.stringify([{ By: ids.orders }]))), believed, undefined],
  ['By, which a client may have written', at('', 'orders.x', by(ids.orders)), believed, undefined],
  ['By of a waypoint', at('', 'orders.x', by(ids.orders)), behind, 'orders'],
  ['By of what is no waypoint', at('', 'docs.test', by(ids.gateway)), behind, undefined],
  ['By of a waypoint, against a DNS name', at('docs.example', 'orders.x', by(ids.orders)), behind, undefined],
  [
    'By of a waypoint, XFCC not believed',
    at('', 'orders.x', by(ids.orders)),
    { ...behind, xfcc: false },
    undefined,
  ],
  ['a trust domain alone', at('spiffe://cluster.local', 'orders.x'), believed, undefined],
  ['a port', at(ids.orders, 'x', undefined, 9090), believed, 'metrics'],
  ['another port', at(ids.orders, 'x', undefined, 9091), believed, undefined],
  ['no port, as over HTTP', over(at('', 'x', by(ids.orders), 0)), believed, undefined],
] as const)
  test(`route reading – at ${title}, rules with destinations: ${rule ?? 'none'}`, (t) => {
    const route = new Routes(owned, reading({ ignorePort: true }, strict, destinations)).match(evidence);
    t.is(route instanceof Denial ? undefined : route.rule.name, rule);
  });

test('route reading – the log says at which workload no rule was found', (t) => {
  const routes = new Routes(owned, reading({}));
  t.is(
    outcome(routes, at(ids.orders, 'x')),
    `no_rule: GET x / at ${ids.orders}; nearest: metrics (port 8080 is not 9090), orders (host orders.* does not match x: it has one label fewer)`,
  );
  t.is(
    outcome(routes, at('', 'orders.x')),
    `no_rule: GET orders.x / at a workload that the proxy does not name; nearest: orders (destination is not named by the proxy (wanted: ${ids.orders}))`,
  );
});

const admin = httpRule('admin', { paths: ['/admin/**'] });
for (const [path, ignoreCase, expected] of [
  ['/admin/x', false, 'admin'],
  ['/Admin/x', false, 'rest'],
  ['/Admin/x', true, 'admin'],
  ['/%41DMIN/X', true, 'admin'],
  ['/adm%C4%B1n', true, 'path_ambiguous'],
  ['/adm%C4%B0n', true, 'path_ambiguous'],
  ['/%E2%84%AAey', true, 'path_ambiguous'],
  ['/%C5%BFecret', true, 'path_ambiguous'],
  ['/adm%C4%B1n', false, 'rest'],
  ['/%EF%BD%81dmin', true, 'rest'],
] as const)
  test(`route reading – ${path}, case ${ignoreCase ? 'ignored' : 'counts'}: ${expected}`, (t) => {
    const routes = new Routes([admin, rest], reading({}, { ...strict, ignoreCase }));
    t.is(outcome(routes, request({ path })).split(':')[0], expected);
  });

test('route reading – without case a letter outside ASCII is its other case too', (t) => {
  const one = (path: string) => {
    const route = new Routes([rest], reading({}, { ...strict, ignoreCase: true })).match(request({ path }));
    return route instanceof Denial ? route.reason : route.path;
  };
  t.is(one('/CAF%C3%89/%CE%A3%CF%83'), one('/caf%C3%A9/%CF%83%CE%A3'));
  t.is(one('/a%20B%2AC'), '/a%20b*c');
});

for (const path of [
  '/public/%E2%80%A5/admin', // ‥, which is .. in NFKC
  '/public/%EF%BC%8E%EF%BC%8E/admin', // ．．
  '/public/%EF%BC%8E/admin', // ．
  '/public%EF%BC%8Fadmin', // ／
  '/public%EF%BC%BCadmin', // ＼
  '/public/x%EF%BC%9Bp', // ；
  '/public/x%EF%BC%9Fp', // ？
  '/public/x%EF%BC%83p', // ＃
  '/public/%EF%BC%852e', // ％
  '/public/%CD%BEx', // Greek question mark, which is ; even in NFC
  '/public/%E2%84%80', // ℀, a/c
  '/public/.%EF%BC%8E/admin', // .．
])
  test(`route reading – ${path} is refused: fullwidth characters are delimiters to some`, (t) => {
    const route = new Routes([httpRule('public', { paths: ['/public/**', '/**'] })], reading({})).match(
      request({ path }),
    );
    t.is(route instanceof Denial ? route.reason : route.path, 'path_ambiguous');
  });

for (const path of ['/caf%C3%A9', '/wait%E2%80%A6', '/%EF%AC%81le', '/%EF%BC%A1', '/a%CC%81', '/%E2%91%A0'])
  test(`route reading – ${path} is a path like any other`, (t) => {
    t.is(outcome(new Routes([rest], reading({})), request({ path })), 'rest');
  });

const exact = httpRule('exact', { paths: ['/status'] });
for (const [rule, path, ignored, expected] of [
  [exact, '/status/', true, 'exact'],
  [exact, '/status/', false, 'rest'],
  [exact, '/status', false, 'exact'],
  [httpRule('star', { paths: ['/status/*'] }), '/status/', false, 'rest'],
  [httpRule('star', { paths: ['/status/*'] }), '/status/x', false, 'star'],
  [httpRule('stars', { paths: ['/status/**'] }), '/status/', false, 'stars'],
  [httpRule('stars', { paths: ['/status/**'] }), '/status', false, 'stars'],
  [httpRule('root', { paths: ['/'] }), '/', false, 'root'],
] as const)
  test(`route reading – ${path} for a rule ${rule.name}, the slash ${ignored ? 'ignored' : 'counts'}: ${expected}`, (t) => {
    const routes = new Routes([rule, rest], reading({}, { ignoreCase: false, ignoreTrailingSlash: ignored }));
    t.is(outcome(routes, request({ path })), expected);
  });

for (const path of ['//', '/a//', '/a//b', '/./', '/a/..', '/a/../'])
  test(`route reading – ${path} is refused, also where a slash at the end counts (attacks 12)`, (t) => {
    const routes = new Routes([rest], reading({}, { ignoreCase: false, ignoreTrailingSlash: false }));
    t.is(outcome(routes, request({ path })).split(':')[0], 'path_ambiguous');
  });
