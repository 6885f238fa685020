import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { parseWithFilesHere } from '../../src/config/load.ts';
import { lint } from '../../src/lint/lint.ts';
import { migrateOauth2Proxy } from '../../src/migrate/command.ts';
import { kubeflowFile, kubeflowFlags, kubeflowMesh } from './kubeflow.ts';

/** `migrate oauth2-proxy --for kubeflow`: what is in the folder. test/istio/ has it at work. */

const temporary = mkdtempSync(join(tmpdir(), 'peerproof-kubeflow-'));
test.after.always(() => rmSync(temporary, { recursive: true }));
let count = 0;

function written(text: string): string {
  const file = join(temporary, String(++count));
  writeFileSync(file, text);
  return file;
}

function migrate(more: readonly string[] = [], own: readonly string[] = [], file = kubeflowFile()) {
  const args = ['--for', 'kubeflow', '--out', 'x', '--cfg', written(file), ...own, '--'];
  const { folder, ...rest } = migrateOauth2Proxy([...args, ...kubeflowFlags, ...more], {});
  const texts = Object.fromEntries((folder?.files ?? []).map(({ path, text }) => [path, text]));
  const text = (path: string) => texts[path] ?? '';
  return { ...rest, folder, texts, text, settings: parse(text('peerproof.yaml')) };
}

test('migrate --for kubeflow – Dex has ID tokens, the cluster has ServiceAccount tokens, and both set kubeflow-userid', (t) => {
  const { settings, exitCode, report } = migrate();
  t.is(exitCode, 0, report.join('\n'));
  t.like(settings.issuers.default, {
    issuer: 'http://dex.auth.svc.cluster.local:5556/dex',
    jwksUri: 'http://dex.auth.svc.cluster.local:5556/dex/keys',
    audiences: ['kubeflow-oidc-authservice'],
    accept: 'id-token',
  });
  t.deepEqual(settings.issuers.cluster.audiences, ['pipelines.kubeflow.org']);
  t.deepEqual(settings.identity.headers, {
    'kubeflow-userid': { from: 'x-forwarded-email' },
    'kubeflow-groups': { from: 'x-forwarded-groups' },
  });
  t.deepEqual(settings.workloads.applications.destinations, ['spiffe://cluster.local/ns/kubeflow/sa/*']);
});

test('migrate --for kubeflow – only the issuer over plain http is a finding', (t) => {
  const findings = lint(parseWithFilesHere(migrate().text('peerproof.yaml'), 'peerproof.yaml'));
  const names = findings.filter(({ severity }) => severity !== 'note').map(({ check }) => check);
  t.deepEqual(names, ['insecure-setting']);
});

test('migrate --for kubeflow – the paths of Dex and of logins are not public, and others are', (t) => {
  const names = ({ settings }: ReturnType<typeof migrate>) =>
    settings.workloads.applications.rules.map((rule: { name: string }) => rule.name);
  const plain = migrate();
  t.deepEqual(names(plain), ['bearer']);
  t.regex(plain.text('report.md'), /^- --skip-auth-route: Dex and oauth2-proxy answer there/m);
  const more = migrate(['--skip-auth-route=GET=^/healthz$,^/oauth2/,^/dexter$']);
  t.deepEqual(names(more), ['public-1', 'public-2', 'bearer']);
  t.like(more.settings.workloads.applications.rules[0], {
    match: { methods: ['GET'], paths: ['/healthz'] },
    public: true,
  });
});

test('migrate --for kubeflow – an extra issuer that is a cluster becomes the cluster, and others stay', (t) => {
  const own = 'https://kubernetes.default.svc.cluster.local';
  const eks = 'https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF';
  for (const issuer of [own, eks, 'https://kubernetes.default.svc']) {
    const { settings, text, exitCode } = migrate([`--extra-jwt-issuers=${issuer}=${issuer}`]);
    t.is(exitCode, 0);
    t.deepEqual(Object.keys(settings.issuers), ['default', 'cluster']);
    t.deepEqual(settings.issuers.cluster.audiences, ['pipelines.kubeflow.org', issuer]);
    t.regex(text('report.md'), /^- --extra-jwt-issuers: issuers.cluster$/m);
  }
  const other = 'https://login.example.com';
  const { settings } = migrate([`--extra-jwt-issuers=${own}=${own},${other}=ci`]);
  t.deepEqual(Object.keys(settings.issuers), ['default', 'extra-2', 'cluster']);
  t.deepEqual(settings.workloads.applications.rules[0].require.issuers, ['default', 'extra-2', 'cluster']);
});

test('migrate --for kubeflow – the report says what stays with oauth2-proxy, before what is only replaced', (t) => {
  const page = migrate().text('report.md');
  const at = (text: string) => {
    const index = page.indexOf(text);
    t.true(index >= 0, text);
    return index;
  };
  const warnings = [
    'logins in a browser: Peerproof has none',
    'RequestAuthentication at the gateway stays',
    'issuers.cluster.audiences',
    'the components need sidecars',
    'ml-pipeline is not protected',
  ].map(at);
  t.true(at('## Warnings') < Math.min(...warnings));
  t.true(Math.max(...warnings) < at('## Replaced'));
});

test('migrate --for kubeflow – the Deployment has its token, and Dex can be reached', (t) => {
  const { text } = migrate();
  const { template } = parse(text('manifests/deployment.yaml')).spec;
  t.true(template.spec.automountServiceAccountToken);
  t.deepEqual(parse(text('manifests/network-policy.yaml')).spec.egress.at(-1), {
    to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'auth' } } }],
    ports: [{ port: 5556, protocol: 'TCP' }],
  });
  t.like(parse(text('mesh/dex-network-policy-patch.yaml')), [{ op: 'add', path: '/spec/ingress/0/from/-' }]);
  t.deepEqual(parse(text('mesh/sidecar-patch.yaml')), [
    { op: 'add', path: '/spec/egress/0/hosts/-', value: 'peerproof/*' },
  ]);
});

test('migrate --for kubeflow – without Dex there is no patch for it', (t) => {
  const { texts, text } = migrate(
    [],
    [],
    kubeflowFile('https://login.example.com', 'https://login.example.com/keys'),
  );
  t.false(Object.hasOwn(texts, 'mesh/dex-network-policy-patch.yaml'));
  t.notRegex(text('README.md'), /dex-network-policy/);
});

test('migrate --for kubeflow – one policy for each component, and one for each namespace', (t) => {
  const { texts, text } = migrate([], ['--namespace', 'team-a', '--namespace', 'kubeflow']);
  const policies = Object.keys(texts).filter((path) => path.startsWith('protect/'));
  t.is(policies.length, 9);
  t.like(parse(text('protect/ml-pipeline-ui.yaml')), {
    metadata: { name: 'ml-pipeline-ui-peerproof', namespace: 'kubeflow' },
    spec: { action: 'CUSTOM', selector: { matchLabels: { app: 'ml-pipeline-ui' } } },
  });
  t.like(parse(text('protect/namespace-team-a.yaml')), { metadata: { namespace: 'team-a' } });
  const names = new Set(policies.map((path) => JSON.stringify(parse(text(path)).metadata)));
  t.is(names.size, 9, 'no policy replaces another one');
});

for (const name of ['kubeflow', 'istio'])
  test(`migrate --for ${name} --mesh – a patch adds the provider and keeps the others, and one takes it away`, (t) => {
    const own = [
      '--for',
      name,
      '--out',
      'x',
      '--mesh',
      written(kubeflowMesh),
      '--cfg',
      written(kubeflowFile()),
    ];
    const { folder } = migrateOauth2Proxy([...own, '--', ...kubeflowFlags], {});
    const patch = (path: string) => parse(folder?.files.find((one) => one.path === path)?.text ?? '');
    const [guard, change] = patch('mesh/configmap-patch.yaml');
    t.deepEqual(guard, { op: 'test', path: '/data/mesh', value: kubeflowMesh });
    t.like(change, { op: 'replace', path: '/data/mesh' });
    t.true(change.value.startsWith(kubeflowMesh), 'not a character of the rest changes');
    const [first, ours, ...more] = parse(change.value).extensionProviders;
    t.is(first.name, 'oauth2-proxy');
    t.like(ours, { name: 'peerproof-grpc', envoyExtAuthzGrpc: { port: 9001, failOpen: false } });
    t.deepEqual(more, []);
    t.deepEqual(patch('back/configmap-patch.yaml'), [
      { op: 'test', path: '/data/mesh', value: change.value },
      { op: 'replace', path: '/data/mesh', value: kubeflowMesh },
    ]);
    t.false(folder?.files.some(({ path }) => path === 'mesh/extension-provider.yaml'));
  });

test('migrate --mesh – a mesh without providers gets the list', (t) => {
  const { text } = migrate([], ['--mesh', written('trustDomain: cluster.local\n')]);
  const [, change] = parse(text('mesh/configmap-patch.yaml'));
  t.is(parse(change.value).extensionProviders.length, 1);
});

for (const [title, mesh] of [
  ['is empty', ''],
  ['is no YAML', 'a: ['],
  ['is nested too deeply', '['.repeat(200_000)],
  ['has an unknown alias', 'a: *b'],
  [
    'has too many aliases',
    `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(40)}]\nc: [${'*b,'.repeat(40)}]`,
  ],
  ['has providers that are no list', 'extensionProviders: {a: b}'],
  ['has the provider', 'extensionProviders: [{name: peerproof-grpc}]'],
  ['has a provider with a longer name', 'extensionProviders: [{name: peerproof-grpc-body}]'],
  ['has a provider with a shorter name', 'extensionProviders: [{name: peerproof}]'],
] as const)
  test(`migrate --mesh – a mesh configuration that ${title} is an error`, (t) => {
    const { folder, exitCode, report } = migrate([], ['--mesh', written(mesh)]);
    t.is(folder, undefined);
    t.is(exitCode, 1);
    t.regex(report.join('\n'), /^error: --mesh: /m);
  });
