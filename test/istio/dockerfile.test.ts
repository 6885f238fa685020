import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { instructions } from '../../tools/image/dockerfile.ts';
import { readManifests, root } from './manifests.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

const all = instructions(read('Dockerfile')).map(([name, value]) => ({ name, value }));
const values = (name: string) => all.filter((one) => one.name === name).map(({ value }) => value);
const last = all.findLastIndex(({ name }) => name === 'FROM');
const final = all.slice(last);
const inFinal = (name: string) => final.filter((one) => one.name === name).map(({ value }) => value);

test('Dockerfile – every stage starts from the one exact version of Node that the tests run with, by one digest', (t) => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
  const bases = values('FROM').map((value) => value.split(' ')[0]);
  t.true(bases.length >= 2);
  for (const base of bases) t.is(base?.split('@')[0], `node:${devDependencies.node}-slim`);
  const digests = new Set(bases.map((base) => base?.split('@')[1]));
  t.is(digests.size, 1);
  t.regex([...digests][0] ?? '', /^sha256:[0-9a-f]{64}$/);
});

test('Dockerfile – the labels name the version of the package, its licence and text, and the base of the image', (t) => {
  const { version, license, description } = JSON.parse(read('package.json')) as Record<string, string>;
  const labels = Object.fromEntries(
    [...(inFinal('LABEL')[0] ?? '').matchAll(/org\.opencontainers\.image\.([a-z.]+)="([^"]*)"/g)].map(
      ([, name, value]) => [name, value],
    ),
  );
  t.deepEqual(labels, {
    ...{ title: 'peerproof', description, version, licenses: license },
    // Only a build for others knows them.
    ...{ source: '${' + 'SOURCE}', revision: '${' + 'REVISION}' },
    'base.digest': inFinal('FROM')[0]?.split('@')[1],
  });
  t.deepEqual(inFinal('ARG'), ['SOURCE=""', 'REVISION=""']);
});

test('Dockerfile – every port that a Service of the manifests sends to is exposed', (t) => {
  const ports = readManifests()
    .flatMap(({ documents }) => documents)
    .filter(({ kind, metadata }) => kind === 'Service' && metadata?.name === 'peerproof')
    .flatMap(({ spec }) => spec.ports.map(({ port }: { port: number }) => port));
  t.deepEqual(inFinal('EXPOSE')[0]?.split(' ').map(Number), [...new Set(ports)].sort());
});

test('Dockerfile – the installed packages are those of the lock file, without install scripts and, in the end, without devDependencies', (t) => {
  const runs = values('RUN');
  t.deepEqual(runs, [
    'npm ci --ignore-scripts',
    'npm run build',
    'npm ci --omit=dev --ignore-scripts',
    'rm -rf src && sh tools/trust/compile.sh /compiled 1000',
  ]);
  t.deepEqual(inFinal('RUN'), [], 'the final stage only copies');
  t.deepEqual(
    inFinal('COPY').filter((value) => value.includes('node_modules')),
    ['--from=build /app/node_modules node_modules'],
  );
});

test('Dockerfile – it runs as a user that is not root, the one of the Deployment', (t) => {
  const [user = ''] = inFinal('USER');
  t.regex(user, /^[1-9]\d*:[1-9]\d*$/);
  const deployment = readManifests().find(({ path }) => path === 'kustomize/overlays/istio/deployment.yaml')
    ?.documents[0];
  const { runAsUser, runAsGroup } = deployment?.spec.template.spec.securityContext ?? {};
  t.is(user, `${runAsUser}:${runAsGroup}`);
});

test('Dockerfile – modules are compiled for the user of the image, and it uses them', (t) => {
  const [user = ''] = inFinal('USER');
  t.true(
    values('RUN')
      .at(-1)
      ?.endsWith(`compile.sh /compiled ${user.split(':')[0]}`),
  );
  t.true(inFinal('COPY').includes('--from=build /compiled /compiled'));
  t.true(inFinal('ENV').includes('NODE_COMPILE_CACHE=/compiled'));
});

test('Dockerfile – Node itself does the health check, and the command is that of the package', (t) => {
  const [health = ''] = inFinal('HEALTHCHECK');
  const command = JSON.parse(health.slice(health.indexOf('CMD ') + 4)) as string[];
  t.deepEqual(command.slice(0, 2), ['node', '-e']);
  t.true(command[2]?.includes("fetch('http://127.0.0.1:9003/healthz')"));
  t.notThrows(() => new Function(command[2] ?? ''));
  const { bin } = JSON.parse(read('package.json')) as { bin: { peerproof: string } };
  const [node, ...words] = JSON.parse(inFinal('ENTRYPOINT')[0] ?? '') as string[];
  t.is(node, 'node');
  t.true(words.includes('--disable-sigusr1'));
  t.is(words.at(-1), 'bin/entry.js');
  t.true(read('bin/entry.js').includes(`await import('./${bin.peerproof.replace('bin/', '')}')`));
  t.deepEqual(JSON.parse(inFinal('CMD')[0] ?? ''), ['serve', '--config', '/etc/peerproof/peerproof.yaml']);
});

test('Dockerfile – every copied file exists, and .dockerignore sends only these', (t) => {
  const copied = values('COPY')
    .filter((value) => !value.startsWith('--from='))
    .flatMap((value) => value.split(' ').slice(0, -1));
  for (const path of copied) t.true(existsSync(join(root, path)), path);
  const lines = read('.dockerignore')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  t.is(lines[0], '*');
  t.deepEqual(lines.slice(1).sort(), [...new Set(copied)].map((path) => `!${path}`).sort());
});
