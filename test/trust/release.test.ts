import { type ExecFileSyncOptionsWithStringEncoding, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parse } from 'yaml';

const top = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(top, path), 'utf8');
const manifest = JSON.parse(read('package.json'));

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly needs?: string;
  readonly container?: string;
  readonly steps: readonly Step[];
}

const text = read('.github/workflows/release.yaml');
const workflow = parse(text) as {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
};
const jobs = Object.entries(workflow.jobs);
const steps = jobs.flatMap(([, job]) => job.steps);
const scripts = steps.flatMap(({ run }) => run ?? []);

test('release – only the tag of a version starts it', (t) => {
  t.deepEqual(workflow.on, { push: { tags: ['v*'] } });
});

test('release – every action is pinned by its commit, and says its version', (t) => {
  const lines = text.split('\n').filter((line) => line.includes('uses:'));
  t.is(lines.length, steps.filter(({ uses }) => uses).length);
  for (const line of lines) t.regex(line, /uses: [\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  const used = new Map<string, Set<string>>();
  for (const { uses = '' } of steps) {
    const [name = '', commit = ''] = uses.split('@');
    used.set(name, (used.get(name) ?? new Set()).add(commit));
  }
  t.deepEqual([...used.values()].filter(({ size }) => size > 1).length, 0, 'one version of each');
});

test('release – the container is pinned by its digest', (t) => {
  const containers = jobs.flatMap(([, { container }]) => container ?? []);
  t.is(containers.length, 1);
  for (const container of containers) t.regex(container, /^debian:bookworm-slim@sha256:[0-9a-f]{64}$/);
});

test('release – a job may do what it needs and nothing else', (t) => {
  t.deepEqual(workflow.permissions, {});
  t.deepEqual(Object.fromEntries(jobs.map(([name, { permissions }]) => [name, permissions])), {
    build: { contents: 'read' },
    image: { packages: 'write', 'id-token': 'write', attestations: 'write' },
    chart: { contents: 'read', packages: 'write', 'id-token': 'write' },
    package: { contents: 'read', 'id-token': 'write' },
  });
});

test('release – what publishes waits for the build, and for people who may hold it', (t) => {
  for (const [name, { needs, environment }] of jobs)
    if (name !== 'build') {
      t.true(needs !== undefined && needs in workflow.jobs, name);
      t.is(environment, 'release', name);
    }
});

test('release – no checkout leaves a token for later steps', (t) => {
  for (const { uses, with: options } of steps)
    if (uses?.startsWith('actions/checkout@')) t.is(options?.['persist-credentials'], false);
});

test('release – no value of the host becomes a part of a script', (t) => {
  for (const script of scripts) t.false(script.includes('${' + '{'), script);
});

test('release – each script is one that bash can read', (t) => {
  for (const script of scripts) t.notThrows(() => execFileSync('bash', ['-n'], { input: script }), script);
});

test('release – every npm script, file and version that it names exists', (t) => {
  const named = scripts.flatMap((script) =>
    [...script.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name),
  );
  t.deepEqual([...new Set(named)], ['image']);
  for (const name of named) t.true(name in manifest.scripts, name);
  for (const script of scripts)
    for (const [path] of script.matchAll(/\b(?:charts|tools|docs)\/[\w./-]+/g))
      t.true(existsSync(join(top, path)), path);
  for (const { uses, with: options } of steps)
    if (uses?.startsWith('actions/setup-node@'))
      t.is(options?.['node-version'], manifest.devDependencies.node);
});

test('release – the package, the lock file, the chart and the Dockerfile have one version', (t) => {
  const chart = parse(read('charts/peerproof/Chart.yaml')) as { version: string; appVersion: string };
  const { version } = manifest;
  t.is(JSON.parse(read('package-lock.json')).version, version);
  t.deepEqual([chart.version, chart.appVersion], [version, version]);
  t.true(read('Dockerfile').includes(`org.opencontainers.image.version="${version}"`));
});

/** Runs a step in a folder, with programs of its own in front of PATH. */
function run(
  t: { teardown(undo: () => void): void },
  name: string,
  tag: string,
  programs: Readonly<Record<string, string>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-release-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'bin'));
  for (const [program, script] of Object.entries(programs))
    writeFileSync(join(folder, 'bin', program), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  writeFileSync(join(folder, 'package.json'), read('package.json'));
  const script = steps.find((step) => step.name === name)?.run ?? 'exit 99';
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    ...environment,
    GITHUB_REF_NAME: tag,
  };
  const options: ExecFileSyncOptionsWithStringEncoding = {
    ...{ cwd: folder, env, encoding: 'utf8' },
    stdio: ['ignore', 'pipe', 'ignore'],
  };
  return {
    folder,
    script: () => execFileSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], options),
  };
}

const environment = {
  IMAGE: 'registry.test/team/peerproof',
  CHARTS: 'registry.test/team/charts',
  TOKEN: 'token',
  GITHUB_ACTOR: 'actor',
};

test('release – a tag that is not the version of the package is refused', (t) => {
  const name = 'the tag is the version';
  t.notThrows(run(t, name, `v${manifest.version}`).script);
  for (const tag of ['v9.9.9', manifest.version, `v${manifest.version}-rc.1`])
    t.throws(run(t, name, tag).script, undefined, tag);
});

const hasJq = !spawnSync('jq', ['--version']).error;
if (!hasJq) console.warn('SKIPPED: no jq on this machine');
const jqTest = hasJq ? test : test.skip;

jqTest('release – the list of parts of each image is attested to that image', (t) => {
  const { folder, script } = run(t, 'attest the list of parts', 'v0.1.0', {
    cosign: 'cat >/dev/null; echo "$@"',
  });
  mkdirSync(join(folder, 'image/blobs/sha256'), { recursive: true });
  const type = 'application/vnd.cyclonedx+json';
  const listed = ['a', 'b'].map((one) => {
    const referrer = {
      subject: { digest: `sha256:image-${one}` },
      layers: [{ digest: `sha256:parts-${one}` }],
    };
    writeFileSync(join(folder, `image/blobs/sha256/about-${one}`), JSON.stringify(referrer));
    return { digest: `sha256:about-${one}`, artifactType: type };
  });
  const manifests = [
    { digest: 'sha256:index' },
    ...listed,
    { digest: 'sha256:x', artifactType: 'application/vnd.in-toto+json' },
  ];
  writeFileSync(join(folder, 'image/index.json'), JSON.stringify({ manifests }));
  const attested = (one: string) =>
    `attest --yes --type cyclonedx --predicate image/blobs/sha256/parts-${one} registry.test/team/peerproof@sha256:image-${one}`;
  t.deepEqual(script().trimEnd().split('\n'), [attested('a'), attested('b')]);
});

test('release – the chart is signed by the digest that the registry got, and not without one', (t) => {
  const quiet = { docker: 'cat >/dev/null', cosign: 'echo "cosign $@"' };
  const says = (line: string) =>
    `[ "$1" != registry ] || { cat >/dev/null; exit; }; [ "$1" != push ] || echo "${line}" >&2`;
  const digest = `sha256:${'a'.repeat(64)}`;
  const signed = run(t, 'push and sign', 'v0.1.0', { ...quiet, helm: says(`Digest: ${digest}`) });
  t.true(signed.script().endsWith(`cosign sign --yes registry.test/team/charts/peerproof@${digest}\n`));
  t.throws(run(t, 'push and sign', 'v0.1.0', { ...quiet, helm: says('Error: denied') }).script);
});
