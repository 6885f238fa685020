import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { crdManifest } from '../../tools/chart/crd.ts';
import { root } from '../istio/manifests.ts';
import { waitFor } from '../support/wait.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { clusterTest, hasCluster } from './programs.ts';

let plane: ControlPlane;
const kinds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const objects = '/apis/peerproof.io/v1alpha1/namespaces/payments/authorizationrules';

if (hasCluster)
  test.before(async () => {
    plane = await startControlPlane();
    await plane.ask('POST', '/api/v1/namespaces', { metadata: { name: 'payments' } });
  });
test.after.always(() => plane?.close());

const object = (name: string, rules: readonly unknown[]) => ({
  apiVersion: 'peerproof.io/v1alpha1',
  kind: 'AuthorizationRules',
  metadata: { name },
  spec: { rules },
});
const create = (name: string, ...rules: readonly unknown[]) =>
  plane.ask('POST', objects, object(name, rules));

clusterTest('definition – a real API server accepts it as structural, with its costs', async (t) => {
  const file = readFileSync(join(root, 'charts/peerproof/files/authorization-rules.yaml'), 'utf8');
  t.is(file, crdManifest());
  const { status, body } = await plane.ask('POST', kinds, file);
  t.is(status, 201, body.message);
  const { name } = parse(file).metadata;
  const conditions = await waitFor('the kind is served', 10_000, async () => {
    const { body } = await plane.ask('GET', `${kinds}/${name}`);
    const isServed = (await plane.ask('GET', objects)).status === 200;
    return isServed && (body.status.conditions as { type: string; status: string }[]);
  });
  t.deepEqual(
    conditions.filter(({ status }) => status === 'True').map(({ type }) => type),
    ['NamesAccepted', 'Established'],
  );
});

clusterTest(
  'definition – a rule stays as it was written: no default, and no key that is dropped',
  async (t) => {
    const rule = {
      name: 'read',
      match: { methods: ['GET'], pathz: ['/orders'] },
      require: { claims: { tenant: 'acme', level: [1, true] }, scope: ['orders.read'] },
    };
    const { status, body } = await create('kept', rule);
    t.is(status, 201, body.message);
    t.deepEqual(body.spec, { rules: [rule] });
  },
);

const refused: readonly (readonly [title: string, rules: readonly unknown[], message: RegExp])[] = [
  ['no name', [{}], /spec\.rules\[0\]\.name: Required/],
  ['a name with a slash', [{ name: 'a/b' }], /spec\.rules\[0\]\.name: .*should match/],
  ['two rules of one name', [{ name: 'a' }, { name: 'a' }], /spec\.rules: .*each name must be unique/],
  ['public: false', [{ name: 'a', public: false }], /spec\.rules\[0\]\.public: Unsupported value/],
  [
    'public beside require',
    [{ name: 'a', public: true, require: {} }],
    /spec\.rules\[0\]\.require: Forbidden: cannot be combined with public: remove one of them/,
  ],
  [
    'an optional token with scopes',
    [{ name: 'a', require: { token: 'optional', scopes: ['x'] } }],
    /spec\.rules\[0\]\.require: Forbidden: .*cannot be combined with token: optional/,
  ],
  [
    'a client assertion that is optional',
    [{ name: 'a', require: { token: 'optional', credential: 'client-assertion' } }],
    /token cannot be optional with credential: client-assertion/,
  ],
  [
    'a client certificate beside scopes',
    [{ name: 'a', require: { credential: 'client-certificate', scopes: ['x'] } }],
    /only peers can stand beside credential: client-certificate/,
  ],
  [
    'a client assertion without a proof',
    [{ name: 'a', require: { credential: 'client-assertion', binding: ['none'] } }],
    /binding cannot be none/,
  ],
  [
    'a connection with a host',
    [{ name: 'a', public: true, match: { protocol: 'tcp', hosts: ['a'] } }],
    /spec\.rules\[0\]\.match: Forbidden: hosts, .* are not possible with protocol tcp/,
  ],
  [
    'a connection without peers',
    [{ name: 'a', match: { protocol: 'tcp' } }],
    /with protocol tcp, a rule needs require\.peers or public: true/,
  ],
  ['a method in small letters', [{ name: 'a', match: { methods: ['get'] } }], /methods\[0\]: .*should match/],
  ['a port that is none', [{ name: 'a', match: { ports: [0] } }], /ports\[0\]: .*greater than or equal to 1/],
  ['101 rules', Array.from({ length: 101 }, (_, n) => ({ name: `r${n}` })), /spec\.rules: Too many: 101/],
  [
    'a condition of 5,000 characters',
    [{ name: 'a', require: { when: `true${' '.repeat(4_996)}` } }],
    /when: Too long: may not be more than 4096/,
  ],
];

for (const [title, rules, message] of refused)
  clusterTest(`definition – the API server refuses ${title}`, async (t) => {
    const { status, body } = await create('refused', ...rules);
    t.is(status, 422);
    t.regex(body.message, message);
  });

clusterTest('definition – what may stand beside each other is accepted', async (t) => {
  const { status, body } = await create(
    'accepted',
    { name: 'open', match: { paths: ['/healthz'] }, public: true },
    { name: 'who', require: { token: 'optional', peers: ['spiffe://cluster.local/ns/a/sa/b'] } },
    { name: 'line', match: { protocol: 'tcp', ports: [5432] }, require: { peers: ['spiffe://c/ns/a/sa/b'] } },
    { name: 'token', require: { credential: 'client-assertion', binding: ['workload'] } },
    { name: 'mtls', require: { credential: 'client-certificate', peers: ['spiffe://c/ns/a/sa/b'] } },
  );
  t.is(status, 201, body.message);
});
