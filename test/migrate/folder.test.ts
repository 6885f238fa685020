import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { parseWithFilesHere } from '../../src/config/load.ts';
import { presets } from '../../src/core/identity/presets.ts';
import { lint } from '../../src/lint/lint.ts';
import { migrateOauth2Proxy } from '../../src/migrate/command.ts';
import { targetNames } from '../../src/migrate/target.ts';
import { validate } from '../istio/schemas.ts';
import { least } from './migrated.ts';
import { tutorialFlags } from './tutorial.ts';

const bin = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'peerproof-folder-'));
test.after.always(() => rmSync(temporary, { recursive: true }));

/** The folder by path, without writing it. */
function migrate(name: string, flags: readonly string[] = least, own: readonly string[] = []) {
  const { folder, ...rest } = migrateOauth2Proxy(['--for', name, '--out', 'x', ...own, '--', ...flags], {});
  const texts = Object.fromEntries((folder?.files ?? []).map(({ path, text }) => [path, text]));
  return { ...rest, folder, texts, text: (path: string) => texts[path] ?? '' };
}

for (const name of targetNames) {
  test(`migrate --for ${name} – the configuration validates without a finding, and all YAML can be read`, (t) => {
    const { texts, text, exitCode } = migrate(
      name,
      tutorialFlags('https://login.example.com', '0.0.0.0:4180'),
    );
    t.is(exitCode, 0);
    const findings = lint(parseWithFilesHere(text('peerproof.yaml'), 'peerproof.yaml'));
    t.deepEqual(
      findings.filter(({ severity }) => severity !== 'note'),
      [],
    );
    for (const [path, yaml] of Object.entries(texts))
      if (path.endsWith('.yaml'))
        for (const one of parseAllDocuments(yaml)) t.deepEqual(one.errors, [], path);
    t.notRegex(Object.values(texts).join('\n'), /not-used|AAAAAAAA/, 'a secret');
  });

  test(`migrate --for ${name} – README.md and report.md name only files that are there`, (t) => {
    const { texts, text } = migrate(name);
    for (const [, path = ''] of text('README.md').matchAll(
      /(?:-file |`)((?:mesh|protect|back)\/[\w-]+\.yaml)/g,
    ))
      t.true(Object.hasOwn(texts, path), path);
    t.regex(text('report.md'), /^# Report of the migration\n\n\d+ warnings?, /);
  });
}

for (const name of ['kyma', 'istio'])
  test(`migrate --for ${name} – namespaces and image are in every manifest that needs them`, (t) => {
    const own = ['--namespace', 'shop', '--namespace', 'pay', '--image', 'registry.example.com/peerproof:1'];
    const { text, report } = migrate(name, least, own);
    const gateway = 'cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account';
    const { spec } = parse(text('manifests/authorization-policy.yaml'));
    t.deepEqual(spec.rules[0].from[0].source.principals, [
      'cluster.local/ns/shop/sa/*',
      'cluster.local/ns/pay/sa/*',
      gateway,
    ]);
    const network = parse(text('manifests/network-policy.yaml')).spec.ingress[0].from;
    t.deepEqual(
      network.map((one: { namespaceSelector: { matchLabels: Record<string, string> } }) =>
        Object.values(one.namespaceSelector.matchLabels).join(),
      ),
      ['shop', 'pay', 'istio-system'],
    );
    const { workloads } = parse(text('peerproof.yaml'));
    t.deepEqual(workloads.applications.destinations, [
      'spiffe://cluster.local/ns/shop/sa/*',
      'spiffe://cluster.local/ns/pay/sa/*',
    ]);
    const [container] = parse(text('manifests/deployment.yaml')).spec.template.spec.containers;
    t.is(container.image, 'registry.example.com/peerproof:1');
    t.is(parse(text('manifests/config.yaml')).data['peerproof.yaml'], text('peerproof.yaml'));
    t.notRegex(report.join('\n'), /--namespace is not given/);
    t.regex(migrate(name).report.join('\n'), /^warning: --namespace is not given/m);
  });

for (const name of ['kyma', 'istio', 'kubeflow'])
  test(`migrate --for ${name} – each manifest is valid by the schema of its kind`, async (t) => {
    const { texts } = migrate(name, least, ['--namespace', 'shop', '--namespace', 'pay']);
    const manifests = Object.entries(texts).filter(([path]) => path.startsWith('manifests/'));
    const policies = Object.entries(texts).filter(([path]) => path.startsWith('protect/') && name !== 'kyma');
    for (const [path, yaml] of [...manifests, ...policies])
      for (const one of parseAllDocuments(yaml)) await t.notThrowsAsync(validate(one.toJS()), path);
    const kinds = manifests.flatMap(([, yaml]) => parseAllDocuments(yaml).map((one) => one.toJS().kind));
    t.deepEqual(kinds.sort(), [
      'AuthorizationPolicy',
      'ConfigMap',
      'Deployment',
      'Namespace',
      'NetworkPolicy',
      'PeerAuthentication',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
    ]);
    t.is(manifests.map(([path]) => path).sort()[0], 'manifests/00-namespace.yaml', 'it must come first');
  });

test('migrate --for nginx – nginx sets every identity header of oauth2-proxy, so that none of a client passes', (t) => {
  const conf = migrate('nginx').text('nginx.conf').toLowerCase();
  for (const name of Object.keys(presets['oauth2-proxy']))
    t.true(conf.includes(`proxy_set_header ${name} `), name);
  t.notRegex(conf, /ssl_client_certificate|ssl_verify_client/);
});

test('migrate --for – the report begins with what is worst', (t) => {
  const { text, report, exitCode } = migrate('kyma', [...least, '--skip-auth-route=^/a(?=b)']);
  t.is(exitCode, 0, 'the folder can be used: one path needs a token that did not need one');
  const headings = [...text('report.md').matchAll(/^## (.*?)(?::|$)/gm)].map(([, heading]) => heading);
  t.deepEqual(headings, ['Not carried over', 'Warnings', 'Replaced', 'Kept']);
  t.regex(text('report.md'), /^- --skip-auth-route: not supported: entry 1/m);
  t.regex(report.at(-1) ?? '', /^in total: 1 not carried over, 2 warnings, \d+ replaced, \d+ kept$/);
});

test('migrate --for – exit code 1 if every token is denied, and no folder if there is an error', (t) => {
  const denying = migrate('kyma', [...least, '--skip-jwt-bearer-tokens=false']);
  t.is(denying.exitCode, 1);
  t.regex(denying.text('peerproof.yaml'), /when: "?false/);
  const failed = migrate('kyma', [...least, '--nonsense']);
  t.is(failed.exitCode, 1);
  t.is(failed.folder, undefined);
  t.is(failed.report.at(-1), 'no configuration was written: correct the errors first');
});

test('migrate --for – a mesh never makes a path public that oauth2-proxy protected behind another proxy', (t) => {
  const flags = [...least.filter((flag) => !flag.startsWith('--upstream')), '--skip-auth-route=^/healthz$'];
  const { workloads } = parse(migrate('kyma', flags).text('peerproof.yaml'));
  t.deepEqual(
    workloads.applications.rules.map((rule: { name: string }) => rule.name),
    ['bearer'],
  );
});

const orders = {
  apiVersion: 'gateway.kyma-project.io/v2',
  kind: 'APIRule',
  metadata: { namespace: 'shop', name: 'orders' },
  spec: {
    service: { name: 'orders', port: 8080 },
    rules: [
      { path: '/public', noAuth: true },
      { path: '/*', extAuth: { authorizers: ['oauth2-proxy'] } },
      {
        path: '/pay',
        service: { name: 'pay', namespace: 'pay' },
        extAuth: { authorizers: ['oauth2-proxy'] },
      },
    ],
  },
};
const others = {
  ...orders,
  metadata: { namespace: 'docs', name: 'docs' },
  spec: { rules: [{ noAuth: true }] },
};

/** With `--apirules`, and these as its content. */
function migrateRules(content: unknown, own: readonly string[] = []) {
  const file = join(temporary, 'apirules.yaml');
  writeFileSync(file, typeof content === 'string' ? content : stringify(content));
  return migrate('kyma', least, ['--apirules', file, ...own]);
}

test('migrate --apirules – a patch for each rule that asks oauth2-proxy, and one back', (t) => {
  const { texts, text, report } = migrateRules({ kind: 'List', items: [others, orders] });
  t.deepEqual(
    Object.keys(texts).filter((path) => /^(?:protect|back)\//.test(path)),
    ['protect/shop/orders.yaml', 'back/shop/orders.yaml'],
  );
  const steps = (from: string, to: string) =>
    [1, 2].flatMap((index) => {
      const path = `/spec/rules/${index}/extAuth/authorizers`;
      return [
        { op: 'test', path, value: [from] },
        { op: 'replace', path, value: [to] },
      ];
    });
  t.deepEqual(parse(text('protect/shop/orders.yaml')), steps('oauth2-proxy', 'peerproof-http'));
  t.deepEqual(parse(text('back/shop/orders.yaml')), steps('peerproof-http', 'oauth2-proxy'));
  t.regex(text('README.md'), /^kubectl -n shop patch apirule orders .* protect\/shop\/orders\.yaml$/m);
  t.deepEqual(parse(text('peerproof.yaml')).workloads.applications.destinations, [
    'spiffe://cluster.local/ns/shop/sa/*',
    'spiffe://cluster.local/ns/pay/sa/*',
  ]);
  t.notRegex(report.join('\n'), /--namespace is not given/);
});

test('migrate --apirules – single documents, and another authorizer', (t) => {
  const own = ['--authorizer', 'login'];
  const renamed = JSON.stringify(orders).replaceAll('oauth2-proxy', 'login');
  const { text } = migrateRules(`${renamed}\n---\n${JSON.stringify(others)}\n`, own);
  t.like(parse(text('back/shop/orders.yaml')), { 1: { value: ['login'] } });
});

test('migrate --apirules – what is no list of APIRules, or names no such authorizer, is an error', (t) => {
  for (const [content, message] of [
    ['a: [', /must be the output of kubectl get apirules/],
    ['a: *b', /must be the output of kubectl get apirules/],
    [{ kind: 'List', items: [{ kind: 'Secret' }] }, /must be the output of kubectl get apirules/],
    [others, /names the authorizer oauth2-proxy: set --authorizer NAME/],
    [{ ...orders, metadata: { namespace: '../..', name: 'x' } }, /item 1 .* is not a name of Kubernetes/],
    [{ ...orders, metadata: { namespace: 'shop', name: 'x\n---\nkind: Pod' } }, /item 1 .* is not a name/],
    [{ kind: 'List', items: [others, orders, orders] }, /has the APIRule shop\/orders twice/],
  ] as const) {
    const { folder, exitCode, report } = migrateRules(content);
    t.is(folder, undefined);
    t.is(exitCode, 1);
    t.regex(report.join('\n'), message);
  }
});

for (const own of [
  ['--for', 'istio', '--out', 'x', '--apirules', 'a'],
  ['--for', 'traefik', '--out', 'x'],
  ['--for', 'kyma'],
  ['--out', 'x'],
  ['--for', 'kyma', '--out', 'x', '--namespace', 'a/../b'],
  ['--for', 'kyma', '--out', 'x', '--image', 'a\nb'],
  ['--for', 'kyma', '--out', 'x', '--mesh', 'a'],
  ['--mesh', 'a'],
])
  test(`migrate – ${JSON.stringify(own)} is misuse`, (t) => {
    const error = t.throws(() => migrateOauth2Proxy([...own, '--', ...least], {}));
    t.regex((error as NodeJS.ErrnoException).code ?? '', /^ERR_PARSE_ARGS/);
  });

test('peerproof migrate --for – writes the folder once, and then exits with 1', (t) => {
  const out = join(temporary, 'kyma');
  const run = () =>
    spawnSync(
      process.execPath,
      [bin, 'migrate', 'oauth2-proxy', '--for', 'kyma', '--out', out, '--', ...least],
      {
        encoding: 'utf8',
        timeout: 120_000,
      },
    );
  const first = run();
  t.is(first.status, 0, first.stderr);
  t.is(first.stdout, `wrote 15 files: begin with ${join(out, 'README.md')}\n`);
  t.true(existsSync(join(out, 'manifests/00-namespace.yaml')));
  const again = run();
  t.is(again.status, 1);
  t.regex(again.stderr, /is not empty, and nothing in it is replaced/);
});
