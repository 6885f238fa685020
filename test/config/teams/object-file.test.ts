import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { loadWithoutFiles } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { refusingWith } from '../../../src/config/teams/object-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerproof-objects-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const platform = join(folder, 'peerproof.yaml');
writeFileSync(
  platform,
  `peers: {trustDomains: {cluster.local: {}}}
delegate:
- {owner: payments, namespaces: [payments], mayBePublic: true}
rules: []
rulesFrom: {kubernetes: {apiServer: "https://10.0.0.1:6443", tokenFile: token}}
`,
);

const manifest = (namespace: string, workload = namespace) => `
apiVersion: peerproof.io/v1alpha1
kind: AuthorizationRules
metadata: {name: rules, namespace: ${namespace}}
spec:
  rules:
  - {name: open, public: true, match: {destinations: ["spiffe://cluster.local/ns/${workload}/sa/api"]}}
`;

let files = 0;
function written(text: string): string {
  const file = join(folder, `objects-${files++}.yaml`);
  writeFileSync(file, text);
  return file;
}

function problemsOf(text: string): string[] {
  try {
    loadWithoutFiles(platform, refusingWith(written(text)));
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ file, key, message }) => `${file.replace(folder, '')} ${key} ${message}`);
  }
}

test('objects in a file – manifests and lists are read, and other kinds are passed over', (t) => {
  const other = 'kind: ConfigMap\nmetadata: {name: a}\n';
  const list = (kind: string) =>
    JSON.stringify({
      kind,
      items: [{ kind: 'AuthorizationRules', metadata: { name: 'a', namespace: 'payments' } }],
    });
  for (const text of [manifest('payments'), `${other}---${manifest('payments')}`]) {
    const { teams } = loadWithoutFiles(platform, refusingWith(written(text)));
    t.deepEqual(
      teams.map(({ owner, rules }) => [owner, rules.length]),
      [['payments', 1]],
    );
  }
  for (const kind of ['List', 'AuthorizationRulesList'])
    t.regex(problemsOf(list(kind))[0] ?? '', /^AuthorizationRules payments\/a spec\.rules is missing/);
  t.deepEqual(problemsOf(''), []);
});

test('objects in a file – one that reaches too far, and one without a delegation, are errors', (t) => {
  t.regex(
    problemsOf(manifest('payments', 'billing'))[0] ?? '',
    /^AuthorizationRules payments\/rules spec\.rules\[0\]\.match\.destinations\[0\] is beyond what is delegated/,
  );
  t.regex(problemsOf(manifest('billing'))[0] ?? '', /metadata\.namespace has no delegation/);
});

test('objects in a file – what cannot be read is told', (t) => {
  t.regex(problemsOf('a: [')[0] ?? '', /is not YAML/);
  t.regex(problemsOf('a: *b')[0] ?? '', /cannot be used as YAML: Unresolved alias/);
  t.regex(problemsOf('kind: AuthorizationRules')[0] ?? '', /without metadata\.name/);
  t.throws(() => refusingWith(join(folder, 'missing')), { instanceOf: ConfigError, message: /ENOENT/ });
});
