/** A team that tries to reach beyond its delegation. */
export interface Attempt {
  readonly title: string;
  /** What the team writes after its owner. */
  readonly rules: string;
  /** The key and the message of each refusal. */
  readonly refusals: readonly (readonly [key: string, message: RegExp])[];
}

/** The platform of all attempts: what it delegates to payments, and to billing. */
export const platform = `issuers:
  corp: {issuer: https://login.example.com, audiences: [payments]}
  partner: {issuer: https://partner.example.com, audiences: [payments]}
peers: {trustDomains: {cluster.local: {}}}
delegate:
- {owner: payments, namespaces: [payments], hosts: [payments.example.com, "*.payments.example.com"], issuers: [corp]}
- {owner: billing, namespaces: [billing], hosts: [billing.example.com], issuers: [corp]}
rules:
- {name: health, match: {paths: [/healthz], destinations: ["spiffe://cluster.local/ns/*/sa/*"]}, public: true}
`;

const own = 'hosts: [payments.example.com], destinations: ["spiffe://cluster.local/ns/payments/sa/api"]';
const workload = 'destinations: ["spiffe://cluster.local/ns/payments/sa/api"]';
const corp = 'require: {issuers: [corp]}';
const host = (text: string): string => `[{name: a, match: {hosts: [${text}], ${workload}}, ${corp}}]`;
const to = (text: string): string =>
  `[{name: a, match: {hosts: [payments.example.com], destinations: ["${text}"]}, ${corp}}]`;
const within = (more: string): string => `[{name: a, match: {${own}}, ${more}}]`;

/** A request of a rule that is within the delegation. */
export const allowed = `[{name: a, match: {${own}}, ${corp}}]`;

const hosts = /beyond what is delegated to payments: .*; its hosts are payments\.example\.com, \*\.payments/;
const destinations =
  /beyond what is delegated to payments: .*; its destinations are spiffe:\/\/cluster\.local/;
const hostKey = 'rules[0].match.hosts[0]';
const toKey = 'rules[0].match.destinations[0]';

export const attempts: readonly Attempt[] = [
  { title: 'a host of another team', rules: host('billing.example.com'), refusals: [[hostKey, hosts]] },
  {
    title: 'a host of another team in capitals',
    rules: host('BILLING.Example.com'),
    refusals: [[hostKey, hosts]],
  },
  {
    title: 'its host with a port',
    rules: host('"payments.example.com:8443"'),
    refusals: [[hostKey, /A port or a final dot/]],
  },
  {
    title: 'its host with a final dot',
    rules: host('payments.example.com.'),
    refusals: [[hostKey, /A port or a final dot/]],
  },
  {
    title: 'a domain that ends like its own',
    rules: host('evilpayments.example.com'),
    refusals: [[hostKey, hosts]],
  },
  { title: 'a wildcard beside its hosts', rules: host('"*.example.com"'), refusals: [[hostKey, hosts]] },
  {
    title: 'a deeper wildcard than its own',
    rules: host('"**.payments.example.com"'),
    refusals: [[hostKey, hosts]],
  },
  { title: 'every host', rules: host('"**"'), refusals: [[hostKey, hosts]] },
  {
    title: 'every host, because it names none',
    rules: `[{name: a, match: {${workload}}, ${corp}}]`,
    refusals: [['rules[0].match.hosts', /is missing: add hosts: \["payments\.example\.com", /]],
  },
  {
    title: 'connections, which have no host',
    rules: `[{name: a, match: {protocol: tcp, ${workload}}, require: {peers: ["spiffe://cluster.local/**"]}}]`,
    refusals: [['rules[0].match.protocol', /cannot be tcp, because hosts are delegated/]],
  },
  {
    title: 'the workload of another team',
    rules: to('spiffe://cluster.local/ns/billing/sa/api'),
    refusals: [[toKey, destinations]],
  },
  {
    title: 'the workloads of all namespaces',
    rules: to('spiffe://cluster.local/ns/*/sa/api'),
    refusals: [[toKey, destinations]],
  },
  {
    title: 'everything below its namespace',
    rules: to('spiffe://cluster.local/ns/payments/**'),
    refusals: [[toKey, destinations]],
  },
  {
    title: 'its namespace in another trust domain',
    rules: to('spiffe://other.example/ns/payments/sa/api'),
    refusals: [[toKey, destinations]],
  },
  {
    title: 'every workload, because it names none',
    rules: `[{name: a, match: {hosts: [payments.example.com]}, ${corp}}]`,
    refusals: [
      [
        'rules[0].match.destinations',
        /is missing: add destinations: \["spiffe:\/\/cluster\.local\/ns\/payments\/sa\/\*"\]/,
      ],
    ],
  },
  {
    title: 'connections to every workload',
    rules:
      '[{name: a, match: {protocol: tcp, ports: [5432]}, require: {peers: ["spiffe://cluster.local/**"]}}]',
    refusals: [
      ['rules[0].match.destinations', /is missing: add destinations/],
      ['rules[0].match.protocol', /cannot be tcp/],
    ],
  },
  {
    title: 'an issuer of another team',
    rules: within('require: {issuers: [corp, partner]}'),
    refusals: [['rules[0].require.issuers[1]', /beyond .* payments: "partner"; its issuers are corp/]],
  },
  {
    title: 'every issuer, because it names none',
    rules: within('require: {scopes: [pay]}'),
    refusals: [['rules[0].require.issuers', /is missing: add issuers: \["corp"\]/]],
  },
  {
    title: 'a public rule',
    rules: within('public: true'),
    refusals: [['rules[0].public', /delegate\[\]\.mayBePublic/]],
  },
  {
    title: 'an optional token',
    rules: within('require: {issuers: [corp], token: optional}'),
    refusals: [['rules[0].require.token', /delegate\[\]\.mayBePublic/]],
  },
  {
    title: 'a rule that is observed',
    rules: within(`mode: observe, ${corp}`),
    refusals: [['rules[0].mode', /delegate\[\]\.mayObserve/]],
  },
  {
    title: 'a requirement that is observed',
    rules: within('require: {issuers: [corp], scopes: [pay], observe: [scopes]}'),
    refusals: [['rules[0].require.observe', /delegate\[\]\.mayObserve/]],
  },
  {
    title: 'the name of a rule of another team',
    rules: `[{name: billing/pay, match: {${own}}, ${corp}}]`,
    refusals: [['rules[0].name', /must be 1 to 63 characters/]],
  },
  {
    title: 'one name twice',
    rules: `[{name: a, match: {${own}}, ${corp}}, {name: a, match: {${own}}, ${corp}}]`,
    refusals: [['rules[1].name', /name of another rule/]],
  },
  {
    title: 'a setting of the platform',
    rules: `${allowed}\nissuers: {corp: {issuer: https://evil.example, audiences: [a]}}`,
    refusals: [['issuers', /is not a setting; settings here: owner, rules/]],
  },
  {
    title: 'more rules than it may have',
    rules: `[${'{},'.repeat(101)}]`,
    refusals: [['rules', /must hold at most 100 rules, and holds 101/]],
  },
  {
    title: 'a context, which every check would look for',
    rules: within(corp).replace('match: {', 'match: {context: {a: b}, '),
    refusals: [['rules[0].match.context.a', /is beyond what is delegated to payments: it has no names/]],
  },
  {
    title: 'more combinations than the router should hold',
    rules: `[{name: a, match: {${workload}, hosts: [${'payments.example.com,'.repeat(101)}], paths: [${'/a,'.repeat(100)}]}, ${corp}}]`,
    refusals: [['rules', /name 10100 combinations of a destination, a host and a path, and may name 10000/]],
  },
  {
    title: 'conditions that take much memory',
    rules: `[${Array.from({ length: 6 }, (_, at) => `{name: a${at}, match: {${own}}, require: {issuers: [corp], when: "${'true || '.repeat(400)}true"}}`).join()}]`,
    refusals: [['rules', /have conditions of 19224 characters, and may have 16000/]],
  },
  {
    title: 'a huge text',
    rules: `${allowed} #${' '.repeat(65_536)}`,
    refusals: [['', /larger than 64 KiB: write fewer rules, or ask for delegate\[\]\.maxRules$/]],
  },
  {
    title: 'aliases that grow',
    rules: `&a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
    refusals: [['', /cannot be used as YAML/]],
  },
  { title: 'lists without an end', rules: '['.repeat(20_000), refusals: [['', /YAML/]] },
  {
    title: 'a prototype',
    rules: `${allowed}\n__proto__: {mayBePublic: true}`,
    refusals: [['', /__proto__ cannot be a key/]],
  },
];
