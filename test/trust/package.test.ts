import { execFile, execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const top = fileURLToPath(new URL('../..', import.meta.url));
const { files, ...manifest } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
  files: string[];
  repository: object;
  bugs: object;
};
const needed = [
  ...files.filter((name) => name !== 'dist'),
  ...['src', 'tools', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
  ...['README.md', 'LICENSE'],
];

/** A clone of its own, built and packed. @returns the package */
async function pack(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-pack-'));
  try {
    for (const name of needed) cpSync(join(top, name), join(folder, name), { recursive: true });
    // No two clones have the same times.
    utimesSync(join(folder, 'bin/peerproof.js'), new Date(), new Date(Math.random() * 1e12));
    symlinkSync(join(top, 'node_modules'), join(folder, 'node_modules'));
    await promisify(execFile)('npm', ['pack', '--silent', '--offline'], { cwd: folder, timeout: 200_000 });
    const [name = ''] = readdirSync(folder).filter((one) => one.endsWith('.tgz'));
    return readFileSync(join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: unknown;
}

/** The files of src/ that the program finds by name, and does not import. tools/trust/bundle.ts has to name each. */
function filesByName(): readonly string[] {
  const sources = readdirSync(join(top, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(top, 'src', name), 'utf8'));
  return sources.flatMap((text) =>
    [...text.matchAll(/\(`\.\/([\w-]+)\$\{extname/g)].map(([, name = '']) => name),
  );
}

const rulesOf = (number: number) =>
  JSON.stringify({
    rules: Array.from({ length: number }, (_, index) => ({
      name: `rule-${index}`,
      match: { paths: [`/rule-${index}`] },
      public: true,
    })),
  });

/** One rule with a condition, and a test for each of its answers. */
const conditional = {
  issuers: { login: { issuer: 'https://login.example.com', audiences: ['orders'] } },
  rules: [{ name: 'tenant', match: {}, require: { binding: ['none'], when: 'claims.tenant == 7' } }],
};
const testsOfTenant = {
  tests: [
    [7, 'allow'],
    [8, { effect: 'deny', reason: 'condition_not_met' }],
  ].map(([tenant, expect]) => ({
    name: `tenant ${tenant}`,
    from: { token: { issuer: 'login', claims: { tenant } } },
    request: 'GET https://orders.example.com/',
    expect,
  })),
};

test('package – two clones, built and packed, are the same bytes; with what it is made of, and without tests', async (t) => {
  t.timeout(200_000);
  const [first, second] = await Promise.all([pack(), pack()]);
  t.is(hash('sha256', first), hash('sha256', second));

  const folder = mkdtempSync(join(tmpdir(), 'peerproof-unpacked-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  execFileSync('tar', ['-xz', '-C', folder], { input: first });
  const unpacked = join(folder, 'package');
  const names = readdirSync(unpacked);
  for (const name of ['bin', 'console', 'dist', 'SECURITY.md', 'LICENSE']) t.true(names.includes(name), name);
  for (const name of ['src', 'test', 'tools', 'node_modules']) t.false(names.includes(name), name);
  // It is a program and no library: there is nothing to import, and so nothing to declare.
  t.deepEqual(
    readdirSync(join(unpacked, 'dist'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.d.ts'),
    ),
    [],
  );
  const config = join(folder, 'peerproof.yaml');
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const run = (...args: string[]) =>
    String(
      execFileSync(process.execPath, [join(unpacked, 'bin/peerproof.js'), ...args, '--config', config], {
        env,
      }),
    );
  // No other package is there: all code is in the files of dist/program.
  writeFileSync(config, rulesOf(1));
  t.regex(run('validate'), /valid: 0 issuers, 1 rules/);
  t.regex(run('explain', '--host', 'app.test', '--path', '/rule-0'), /allowed/);
  // The language of conditions is in a file that no other one imports.
  writeFileSync(config, JSON.stringify(conditional));
  const tests = join(folder, 'tenant.test.yaml');
  writeFileSync(tests, JSON.stringify(testsOfTenant));
  t.regex(run('test', tests), /2 tests, all passed/);
  // A long configuration is read by a process of its own, from a file that no other one imports.
  const rules = 4_000;
  writeFileSync(config, rulesOf(rules));
  t.regex(run('validate'), new RegExp(`valid: 0 issuers, ${rules} rules`));

  // Compiled modules are kept in the package, and nothing depends on them.
  const compiled = join(unpacked, 'compiled');
  const kept = () =>
    readdirSync(compiled, { recursive: true, encoding: 'utf8' })
      .map((name) => join(compiled, name))
      .filter((name) => statSync(name).isFile());
  t.true(kept().length > 0);
  t.deepEqual(
    kept().filter((name) => statSync(name).mode & 0o022),
    [],
    'only their owner can change them',
  );
  writeFileSync(config, rulesOf(1));
  for (const name of kept()) writeFileSync(name, readFileSync(name).fill(0, 100));
  t.regex(run('validate'), /valid: 0 issuers, 1 rules/, 'damaged');
  rmSync(compiled, { recursive: true });
  writeFileSync(compiled, '');
  t.regex(run('validate'), /valid: 0 issuers, 1 rules/, 'where nothing can be kept');

  const program = join(unpacked, 'dist/program');
  for (const name of filesByName()) t.true(readdirSync(program).includes(`${name}.js`), name);
  const maps = readdirSync(program).filter((name) => name.endsWith('.map'));
  const mapped = maps.map((name) => JSON.parse(readFileSync(join(program, name), 'utf8')) as SourceMap);
  t.deepEqual(
    mapped
      .flatMap(({ sources }) => sources)
      .filter((path) => !/^\.\.\/\.\.\/(src|node_modules)\//.test(path)),
    [],
  );
  t.true(mapped.every(({ sourcesContent }) => sourcesContent === undefined));

  // A start loads what every configuration needs.
  const always = maps.filter((name) => name.startsWith('of-main'));
  const loaded = always.map((name) => readFileSync(join(program, name), 'utf8'));
  t.true(loaded.some((map) => map.includes('/zod/')));
  t.false(
    loaded.some((map) => map.includes('/cel-js/')),
    'conditions are read on demand',
  );
  const builtins = execFileSync(
    process.execPath,
    [
      '--print',
      `import(${JSON.stringify(join(program, 'main.js'))}).then(() => console.log(process.moduleLoadList.join()))`,
    ],
    { encoding: 'utf8', env },
  );
  t.true(builtins.includes('NativeModule http2'));
  t.false(builtins.includes('NativeModule zlib'));

  const text = readFileSync(join(unpacked, 'dist/sbom.cdx.json'), 'utf8');
  const sbom = JSON.parse(text) as {
    bomFormat: string;
    metadata: { component: { name: string } };
    components: { name: string; version: string; hashes?: { alg: string }[] }[];
  };
  t.is(sbom.bomFormat, 'CycloneDX');
  t.is(sbom.metadata.component.name, 'peerproof');
  t.notRegex(text, /registry|timestamp|serialNumber|"vcs"/);
  const { dependencies } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const [name, version] of Object.entries(dependencies))
    t.true(
      sbom.components.some((one) => one.name === name && one.version === version && one.hashes?.length),
      name,
    );
  t.false(sbom.components.some(({ name }) => name === 'ava' || name === 'typescript'));
});

test('package – repository and bugs name no host: who publishes it fills them in', (t) => {
  for (const field of [manifest.repository, manifest.bugs]) {
    t.is(typeof field, 'object');
    t.notRegex(JSON.stringify(field), /:\/\/|@|\w\.\w/);
  }
});
