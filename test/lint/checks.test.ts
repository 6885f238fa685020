import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { checks } from '../../src/lint/checks.ts';
import { pemKey } from '../support/internal-token.ts';
import { lintOf, type Parts, shortly } from './world.ts';

const tcp = 'protocol: tcp';
const mesh = '{trustDomains: {cluster.local: {}}}';
const cluster =
  'cluster: {issuer: https://k8s.example, audiences: [a], kubernetes: {verify: jwks}, trustDomain: cluster.local}';
const folder = mkdtempSync(join(tmpdir(), 'peerproof-lint-'));
test.after.always(() => rmSync(folder, { recursive: true }));
const key = join(folder, 'key.pem');
writeFileSync(key, pemKey());
const id = (domain = 'cluster.local') => `"spiffe://${domain}/ns/a/sa/b"`;

/** Parts, then the findings in the order of their lines, then what the messages say. */
const cases: [title: string, parts: Parts, findings: readonly string[], messages?: RegExp][] = [
  ['nothing to say', {}, []],
  [
    'two listeners with one port',
    { listen: '{grpc: 127.0.0.1:9001, http: 127.0.0.1:9001, admin: 127.0.0.1:9003}' },
    ['error same-port listen.http', 'note peerless-door listen.http'],
    /the port 9001 of listen\.grpc/,
  ],
  [
    'a port on every address and on one',
    { listen: '{grpc: "127.0.0.1:9001", admin: "[::]:9001"}' },
    ['error same-port listen.admin', 'warning open-port listen.admin'],
  ],
  ['one port on two addresses', { listen: '{grpc: 127.0.0.1:9001, admin: 127.0.0.2:9001}' }, []],
  ['free ports', { listen: '{grpc: 127.0.0.1:0, admin: 127.0.0.1:0}' }, []],
  [
    'a token endpoint where a proxy asks without bodies',
    {
      listen: '{grpc: 127.0.0.1:9001, http: 127.0.0.1:9002, admin: 127.0.0.1:9003}',
      more: 'http: {pathPrefix: /check, forwardAuth: [{path: /auth, proxies: [127.0.0.1], original: x-original}]}',
      ...{ peers: mesh, issuers: `{${cluster}}` },
      rules: `{name: a, match: {destinations: [${id()}]}, require: {credential: client-assertion}}`,
    },
    [
      'note peerless-door http.forwardAuth[0]',
      'note peerless-door listen.http',
      'note body-never-sent rules[0].require.credential',
    ],
    /a check at \/auth .* has none/,
  ],
  [
    'a token endpoint where only Envoy asks',
    {
      listen: '{grpc: 127.0.0.1:9001, http: 127.0.0.1:9002, admin: 127.0.0.1:9003}',
      ...{ peers: mesh, issuers: `{${cluster}}`, more: `http: {xfcc: {sidecar: ${id()}}}` },
      rules: `{name: a, match: {destinations: [${id()}]}, require: {credential: client-assertion}}`,
    },
    [],
  ],
  [
    'open ports',
    { listen: '{grpc: 0.0.0.0:9001, admin: 127.0.0.1:9003}' },
    ['warning open-port listen.grpc'],
    /^0\.0\.0\.0:9001 trusts every client that can reach it \(plaintext\): set grpc\.tls/,
  ],
  [
    'a public rule that restricts nothing',
    { rules: '{name: a, public: true}', issuers: '{}' },
    ['warning public-catch-all rules[0].public'],
    /every request passes without a token; say/,
  ],
  [
    'a public rule for every path of every host',
    { rules: '{name: a, public: true, match: {paths: ["/**"], hosts: ["**"]}}', issuers: '{}' },
    ['warning public-catch-all rules[0].public'],
  ],
  [
    'a public rule before others',
    { rules: '{name: a, public: true}, {name: b, match: {paths: [/b]}}' },
    ['warning public-catch-all rules[0].public', 'warning unreachable-rule rules[1].name'],
    /and the rule after it never decides/,
  ],
  [
    'a public rule for connections',
    { rules: `{name: a, public: true, match: {${tcp}}}`, issuers: '{}' },
    ['warning public-catch-all rules[0].public'],
    /every connection/,
  ],
  [
    'a public rule for one workload',
    { rules: `{name: a, public: true, match: {destinations: [${id()}]}}`, issuers: '{}' },
    ['note public-catch-all rules[0].public'],
    /opens the whole workload/,
  ],
  [
    'an optional token for everything',
    { rules: '{name: a, require: {token: optional}}' },
    ['warning public-catch-all rules[0].require.token'],
  ],
  [
    'an optional token for known peers',
    { peers: mesh, rules: `{name: a, require: {token: optional, peers: [${id()}]}}` },
    ['warning rule-without-destination rules[0].name'],
  ],
  [
    'rules that are observed',
    {
      rules:
        '{name: a, mode: observe, match: {paths: [/a]}}, {name: b, match: {paths: [/b]}, require: {scopes: [x], observe: [scopes]}}',
    },
    ['warning observed rules[0].mode', 'warning observed rules[1].require.observe'],
    /^rule a: mode: observe lets every request pass/,
  ],
  ['a service that is observed', { more: 'mode: observe' }, ['warning observed mode']],
  [
    'public rules that are narrow',
    {
      rules:
        '{name: a, public: true, match: {paths: [/a]}}, {name: b, public: true, match: {methods: [GET]}}, {name: c, public: true, match: {ports: [8]}}, {name: d, public: true, match: {context: {a: b}}}',
      issuers: '{}',
    },
    [],
  ],
  [
    'an unbound rule before others',
    { rules: '{name: a, require: {binding: [none]}}, {name: b, match: {paths: [/b]}}' },
    [
      'warning unreachable-rule rules[1].name',
      'warning unbound-catch-all rules[0].require.binding',
      'warning binding-none rules[0].require.binding',
    ],
    /before the rule after it/,
  ],
  [
    'an unbound rule at the end',
    { rules: '{name: b, match: {paths: [/b]}}, {name: a, require: {binding: [certificate, none]}}' },
    ['warning binding-none rules[1].require.binding'],
    /^rule a: binding none accepts a stolen token/,
  ],
  [
    'scopes that every sender has',
    { rules: '{name: a, match: {paths: [/a]}, require: {scopes: [x], binding: [none]}}' },
    ['warning binding-none rules[0].require.binding', 'note scopes-without-binding rules[0].require.scopes'],
  ],
  [
    'scopes with spaces',
    { rules: '{name: a, require: {scopes: [x, "read write", " y"]}}' },
    [
      'warning scope-with-space rules[0].require.scopes[1]',
      'warning scope-with-space rules[0].require.scopes[2]',
    ],
    /write a list, \["read","write"\]/,
  ],
  [
    'claims that look like paths',
    {
      rules:
        '{name: a, require: {claims: {realm_access.roles: x, a/b: y, /c/d: z, "https://e.example/roles": r, kubernetes.io: k, plain: p}}}',
    },
    [
      'warning claim-path rules[0].require.claims.realm_access.roles',
      'warning claim-path rules[0].require.claims.a/b',
    ],
    /write \/realm_access\/roles .*\n.* write \/a\/b /,
  ],
  [
    'claims of identity headers that look like paths',
    {
      more: 'identity: {claims: {groups: realm_access.roles}, headers: {x-a: {claim: a.b}, x-c: {claim: /a/b}}}',
    },
    ['warning claim-path identity.claims.groups', 'warning claim-path identity.headers.x-a.claim'],
  ],
  [
    'methods that HTTP does not have',
    { rules: '{name: a, match: {methods: [GET, PUTT, PROPFIND]}}' },
    ['warning unknown-method rules[0].match.methods[1]'],
    /did you mean "PUT"\?/,
  ],
  [
    'a namespace without a cluster',
    { rules: '{name: a, require: {namespaces: [x]}}' },
    ['warning no-cluster rules[0].require.namespaces'],
    /configure an issuer with kubernetes/,
  ],
  [
    'a ServiceAccount of an issuer that is no cluster',
    {
      issuers: `{${cluster}, corp: {issuer: https://login.example.com, audiences: [orders]}}`,
      peers: mesh,
      rules: `{name: a, match: {destinations: [${id()}], paths: [/a]}, require: {issuers: [corp], serviceAccounts: [a/b]}}, {name: b, match: {destinations: [${id()}]}, require: {issuers: [cluster], pods: [a/b]}}`,
    },
    ['warning no-cluster rules[0].require.serviceAccounts'],
    /add cluster to issuers/,
  ],
  [
    'an issuer of ServiceAccounts beside a second trust domain',
    {
      issuers: `{accounts: {issuer: https://a.example.com, audiences: [orders], accept: service-account}, named: {issuer: https://b.example.com, audiences: [orders], accept: service-account, trustDomain: a.example}, corp: {issuer: https://login.example.com, audiences: [orders]}}`,
      peers: '{trustDomains: {a.example: {}, b.example: {}}}',
      rules: `{name: a, match: {destinations: [${id('a.example')}]}, require: {issuers: [accounts, named, corp]}}`,
    },
    ['warning no-trust-domain issuers.accounts'],
    /set trustDomain to one of a\.example, b\.example/,
  ],
  [
    'an issuer of ServiceAccounts and one trust domain',
    {
      issuers: '{accounts: {issuer: https://a.example.com, audiences: [orders], accept: service-account}}',
      peers: mesh,
      rules: `{name: a, match: {destinations: [${id()}]}}`,
    },
    [],
  ],
  [
    'IDs of trust domains that are not configured',
    {
      peers: `{trustDomains: {cluster.local: {}}, gateways: [${id('a.example')}], waypoints: [${id('b.example')}]}`,
      more: `clients: {one: [${id('clutser.local')}], two: {workloads: [${id()}, ${id('c.example')}], issuers: [corp]}}
workloads: {w: {destinations: [${id('d.example')}], rules: [{name: x}]}}`,
      rules: `{name: a, match: {destinations: [${id('e.example')}]}, require: {peers: [${id('f.example')}]}}`,
    },
    [
      'warning unknown-trust-domain peers.gateways[0]',
      'warning unknown-trust-domain peers.waypoints[0]',
      'warning unknown-trust-domain clients.one[0]',
      'warning unknown-trust-domain clients.two.workloads[1]',
      'warning unknown-trust-domain workloads.w.destinations[0]',
      'warning unknown-trust-domain rules[0].require.peers[0]',
      'warning unknown-trust-domain rules[0].match.destinations[0]',
    ],
    /clutser\.local is not in peers\.trustDomains; did you mean "cluster\.local"\?/,
  ],
  [
    'rules of a mesh without destinations',
    {
      peers: mesh,
      rules: `{name: a, match: {hosts: [a.example]}}, {name: b, match: {context: {x: y}}}, {name: c, match: {destinations: [${id()}]}}, {name: d}`,
    },
    ['warning rule-without-destination rules[0].name'],
    /the rule a applies at every workload/,
  ],
  [
    'rules beside workloads, without trust domains',
    {
      more: `workloads: {w: {destinations: [${id()}], rules: [{name: x, match: {paths: [/x]}}]}}`,
      rules: '{name: a, match: {hosts: [a.example]}}',
    },
    ['warning rule-without-destination rules[0].name'],
  ],
  [
    'a client of no rule',
    { more: `clients: {shop: [${id()}]}` },
    ['warning unused-client clients.shop'],
    /accept the proof workload/,
  ],
  [
    'a client that may act, where no rule accepts the proof workload',
    {
      peers: mesh,
      more: `clients: {shop: [${id()}], acting: [${id()}]}`,
      rules:
        '{name: a, require: {issuers: [corp], actors: {allow: [{who: [acting]}]}, binding: [certificate]}}',
    },
    ['warning unused-client clients.shop'],
  ],
  [
    'a client of an issuer that no workload binding accepts',
    {
      issuers:
        '{corp: {issuer: https://login.example.com, audiences: [a]}, other: {issuer: https://o.example, audiences: [a]}}',
      peers: mesh,
      more: `clients: {shop: {workloads: [${id()}], issuers: [other]}, mine: {workloads: [${id()}], issuers: [corp]}, each: [${id()}]}`,
      rules:
        '{name: a, require: {issuers: [corp]}}, {name: b, match: {context: {x: y}}, require: {issuers: [other], binding: [certificate]}}',
    },
    ['warning unused-client clients.shop', 'warning unreachable-rule rules[1].name'],
  ],
  [
    'an issuer of no rule',
    {
      issuers:
        '{corp: {issuer: https://login.example.com, audiences: [a]}, other: {issuer: https://o.example, audiences: [a]}}',
      rules: '{name: a, require: {issuers: [corp]}}',
    },
    ['warning unused-issuer issuers.other'],
  ],
  [
    'several issuers, and a rule that names none',
    {
      issuers:
        '{corp: {issuer: https://login.example.com, audiences: [a]}, other: {issuer: https://o.example, audiences: [a]}}',
    },
    ['warning any-issuer rules[0].require.issuers'],
  ],
  [
    'a rule for tokens of a cluster alone, by default with the certificate alone',
    { issuers: `{${cluster}}`, rules: '{name: a, match: {paths: [/a]}}' },
    ['error unprovable-rule rules[0].name'],
    /certificate is not for tokens of the kind service-account; accept workload, wit in require\.binding/,
  ],
  [
    'the same with the certificate as it is written, and in a rule that is observed',
    {
      ...{ issuers: `{${cluster}}`, peers: mesh },
      rules: `{name: a, match: {destinations: [${id()}], paths: [/a]}, require: {binding: [certificate]}}, {name: b, mode: observe, match: {destinations: [${id()}], paths: [/b]}, require: {binding: [certificate]}}`,
    },
    [
      'error unprovable-rule rules[0].require.binding',
      'warning observed rules[1].mode',
      'warning unprovable-rule rules[1].require.binding',
    ],
  ],
  [
    'a client assertion of an issuer that issues only access tokens',
    {
      peers: mesh,
      rules: `{name: a, match: {destinations: [${id()}]}, require: {credential: client-assertion, binding: [workload]}}`,
    },
    ['error unprovable-rule rules[0].require.binding'],
    /workload is not for the tokens of these issuers; accept another issuer/,
  ],
  [
    'a proof that one of two issuers could carry',
    {
      issuers: `{${cluster}, corp: {issuer: https://login.example.com, audiences: [a]}}`,
      peers: mesh,
      rules: `{name: a, match: {destinations: [${id()}], paths: [/a]}, require: {issuers: [cluster], binding: [workload, certificate]}}, {name: b, match: {destinations: [${id()}], paths: [/b]}, require: {issuers: [cluster, corp], binding: [certificate]}}`,
    },
    ['warning useless-proof rules[0].require.binding[1]'],
    /certificate is not for tokens of the kind service-account: remove it/,
  ],
  [
    'checks over HTTP without peers, and a rule that needs none',
    {
      listen: '{grpc: 127.0.0.1:9001, http: 127.0.0.1:9002, admin: 127.0.0.1:9003}',
      rules: '{name: a, match: {paths: [/a]}}, {name: b, match: {paths: [/b]}, require: {binding: [none]}}',
      more: 'http: {pathPrefix: /check, forwardAuth: [{path: /auth, proxies: [10.0.0.1], original: x-original}, {path: /b, proxies: [10.0.0.1], original: x-original, certificateHeader: x-cert}]}',
    },
    [
      'note peerless-door listen.http',
      'note peerless-door http.forwardAuth[0]',
      'warning binding-none rules[1].require.binding',
    ],
    /so the rule a can allow none: set http\.xfcc/,
  ],
  [
    'checks over HTTP with peers',
    {
      listen: '{grpc: 127.0.0.1:9001, http: 127.0.0.1:9002, admin: 127.0.0.1:9003}',
      peers: '{from: [x-client-certificate]}',
    },
    [],
  ],
  [
    'settings that give up a protection',
    {
      issuers:
        '{corp: {issuer: "http://login.example.com", audiences: [a], allowInsecureHttp: true, allowInsecureNoExpiry: true}}',
      listen: '{grpc: 127.0.0.1:9001, http: 127.0.0.1:9002, admin: 127.0.0.1:9003}',
      more: 'http: {xfcc: direct, forwardAuth: [{path: /a, proxies: [0.0.0.0/0], original: x-original}]}',
    },
    [
      'warning insecure-setting issuers.corp.allowInsecureHttp',
      'warning insecure-setting issuers.corp.allowInsecureNoExpiry',
      'warning every-proxy http.forwardAuth[0].proxies',
      'note peerless-door http.forwardAuth[0]',
      'warning own-sidecar http.xfcc',
    ],
  ],
  [
    'internal tokens whose keys are not served, at a door that states no destination',
    {
      listen: '{grpc: 127.0.0.1:9001, http: 127.0.0.1:9002, admin: 127.0.0.1:9003}',
      more: `identity: {token: {issuer: "https://p.example", keyFiles: [${key}], lifetime: 10m}}`,
    },
    [
      'warning long-internal-token identity.token.lifetime',
      'warning internal-token-audience identity.token',
      'note unserved-keys identity.token',
      'note peerless-door listen.http',
    ],
    /no proxy states the destination at listen\.http/,
  ],
  [
    'internal tokens at the paths of forward auth',
    {
      listen: '{grpc: 127.0.0.1:9001, http: 127.0.0.1:9002, admin: 127.0.0.1:9003, keys: 127.0.0.1:9005}',
      more: `identity: {token: {issuer: "https://p.example", keyFiles: [${key}]}}
http: {xfcc: {sidecar: ${id()}}, forwardAuth: [{path: /a, proxies: [10.0.0.1], original: x-original}]}`,
    },
    ['warning internal-token-audience identity.token', 'note peerless-door http.forwardAuth[0]'],
    /at the paths of http\.forwardAuth/,
  ],
  [
    'internal tokens for hosts with names',
    {
      listen: '{grpc: 127.0.0.1:9001, http: 127.0.0.1:9002, admin: 127.0.0.1:9003, keys: 127.0.0.1:9005}',
      more: `identity: {token: {issuer: "https://p.example", keyFiles: [${key}], audiences: {a.example: a}}}`,
    },
    ['note peerless-door listen.http'],
  ],
];

cases.push(
  [
    'nonces with a key of this process',
    { more: 'dpop: {nonce: {lifetime: 1m}}' },
    ['note own-nonce-key dpop.nonce'],
    /other replicas refuse its nonces/,
  ],
  ['DPoP without nonces', { more: 'dpop: {maxAge: 30s}' }, []],
);
for (const [title, parts, expected, messages = /^/] of cases)
  test(`lint – ${title}`, (t) => {
    const found = lintOf(parts);
    t.deepEqual(shortly(found).toSorted(), expected.toSorted());
    t.regex(found.map(({ message }) => message).join('\n'), messages);
    t.deepEqual(
      found.map(({ line }) => line),
      found.map(({ line }) => line).toSorted((a, b) => a - b),
    );
  });

test('lint – every check that a configuration can have is among these cases', (t) => {
  const seen = new Set(cases.flatMap(([, , found]) => found.map((line) => line.split(' ')[1])));
  t.deepEqual(
    Object.keys(checks).filter((name) => !seen.has(name)),
    // A conflict needs files of teams: test/lint/teams.test.ts. A key needs a file: test/config/internal-token.test.ts.
    ['invalid', 'team-conflict', 'readable-key', 'weak-inject', 'wrong-ignore'],
  );
});
