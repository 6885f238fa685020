import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { configuration as demoConfiguration } from '../demo/tokens.ts';
import { loadFromFlags } from '../src/config/flags.ts';
import { parseConfig } from '../src/config/load.ts';
import { ConfigError } from '../src/config/problem.ts';
import { lint } from '../src/lint/lint.ts';
import { listRules } from '../src/serve/create-policy.ts';
import { overlays } from '../tools/chart/overlays.ts';
import { brokenBlocks } from '../tools/docs/code-blocks.ts';
import { brokenLinks } from '../tools/docs/links.ts';
import { events } from '../tools/docs/log.ts';
import { type Page, readPages, top } from '../tools/docs/pages.ts';
import { withSections } from '../tools/docs/sections.ts';
import { sideBar, sitePage } from '../tools/docs/site.ts';
import type { OidcProvider } from './support/oidc-provider.ts';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

test('README – it is short, and shows the commands for the demo and the tests', (t) => {
  const text = read('README.md');
  t.true(Buffer.byteLength(text) <= 8 * 1024);
  for (const command of ['npm ci && npm run demo', 'npm ci && npm test'])
    t.true(text.includes(`\n${command}\n`));
});

test('README – its first configuration is accepted, and each of its settings counts', (t) => {
  const [, yaml = ''] = /`peerproof\.yaml`:\n\n```yaml\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
  const { config, warnings } = parseConfig(yaml, 'README.md');
  t.deepEqual(warnings, []);
  t.deepEqual(
    listRules(config).map(({ name }) => name),
    ['orders/write', 'orders/health'],
  );
  t.throws(() => parseConfig(yaml.replace('audiences', 'audience'), 'README.md'), {
    instanceOf: ConfigError,
  });
});

test('documents – every page is reached from README.md in two clicks', (t) => {
  const pages = readPages();
  const linked = (path: string): string[] => {
    const page = pages.find((one) => one.path === path);
    return [...(page?.text ?? '').matchAll(/\]\(([^)#\s]+\.md)/g)].map(([, to = '']) =>
      new URL(to, page?.url).pathname.slice(top.pathname.length),
    );
  };
  const first = linked('README.md');
  const reached = new Set(['README.md', ...first, ...first.flatMap(linked)]);
  t.deepEqual(
    pages.map(({ path }) => path).filter((path) => !reached.has(path)),
    [],
  );
});

test('site – the side bar has each page once', (t) => {
  const listed = sideBar.flatMap(([, entries]) => entries.map(([, path]) => path));
  t.deepEqual(
    listed.toSorted(),
    readPages().map(({ path }) => path),
  );
});

const asSite = (text: string) => {
  const path = 'docs/deploy/page.md';
  return sitePage({ path, url: new URL(path, top), text: `## One\n${text}` }).text.slice('## One\n'.length);
};

for (const [title, text, shown] of [
  ['a page stays', '[Rules](../rules.md#hosts)', '[Rules](../rules.md#hosts)'],
  ['another host stays', '[CEL](https://cel.dev)', '[CEL](https://cel.dev)'],
  ['the README is the first page', '[Start](../../README.md#try-it)', '[Start](/index.md#try-it)'],
  ['a file becomes its path', '[`istio/`](../../istio/)', '`istio/`'],
  [
    'a file with another text keeps both',
    '[the schema](../../peerproof.schema.json)',
    'the schema (`peerproof.schema.json`)',
  ],
  ['code stays', '```yaml\nx: "[a](nothing.md)"\n```', '```yaml\nx: "[a](nothing.md)"\n```'],
] as const)
  test(`site – in a link, ${title}`, (t) => {
    t.is(asSite(text), shown);
  });

test('site – a link that leads nowhere is an error', (t) => {
  t.throws(() => asSite('[a](nothing.md)'), { message: /page\.md: the link nothing\.md leads nowhere/ });
});

test('getting started – its flags are accepted', (t) => {
  const { config } = loadFromFlags({
    issuer: 'https://login.example.com',
    audience: ['orders'],
    'trust-domain': ['cluster.local'],
    client: ['orders-client=spiffe://cluster.local/ns/applications/sa/orders-client'],
  });
  for (const flag of ['--issuer', '--audience', '--trust-domain', '--client'])
    t.true(read('docs/getting-started.md').includes(`${flag} `));
  t.deepEqual(Object.keys(config.clients), ['orders-client']);
});

test('documents – a link that leads nowhere is found', (t) => {
  t.deepEqual(brokenLinks([page('[a](b.md) [c](#d) [e](#here) `src/nothing.ts`\n## Here')]), [
    'docs/x.md: the link b.md leads nowhere',
    'docs/x.md: the link #d leads nowhere',
    'docs/x.md: there is no src/nothing.ts',
  ]);
});

for (const [title, block, problem] of [
  ['a setting that does not exist', '```yaml\nlisten: {grcp: 0.0.0.0:1}\n```', /listen/],
  ['a rule with a field that does not exist', '```yaml\nrequire: {scope: [a]}\n```', /scope/],
  [
    'a policy test with a key that does not exist',
    '```yaml\ntests: [{name: a, request: GET a, expect: deny, form: a}]\n```',
    /form/,
  ],
  ['a rule that opens everything', '```yaml\nrules:\n- {name: a, public: true}\n```', /\[public-catch-all\]/],
  [
    'a comment for another check',
    '```yaml\n# lint: ignore open-port: why\nrequire: {scopes: [a b]}\n```',
    /\[scope-with-space\]/,
  ],
  ['a token of inject without a file', '```yaml\ntokens: [{hosts: [a], audience: a}]\n```', /file/],
  ['JSON that is not JSON', '```json\n{\n```', /JSON/],
  ['a script', '```sh\nnpm run nothing\n```', /no script nothing/],
  ['a command', '```sh\nnpm exec -- peerproof nothing\n```', /no command nothing/],
  ['an option', '```sh\npeerproof serve \\\n  --nothing\n```', /no option --nothing/],
  ['a file', '```sh\nkubectl apply -f istio/nothing.yaml\n```', /no istio\/nothing.yaml/],
  ['a language', '```klingon\n```', /klingon/],
] as const)
  test(`documents – a code block that is wrong is found: ${title}`, (t) => {
    const found = brokenBlocks([page(block)]);
    t.is(found.length, 1, found.join('\n'));
    t.regex(found[0] ?? '', problem);
  });

test('documents – a section that nothing generates is an error', (t) => {
  t.throws(() => withSections('<!-- generated: nothing -->\n<!-- end -->', 'docs/x.md'), {
    message: /nothing/,
  });
});

test('documents – every event of the log is explained', (t) => {
  const sources = readdirSync(new URL('src/', top), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`src/${name}`));
  const said = sources
    .flatMap((source) => [...source.matchAll(/\bevent: ['`]([^'`]+)['`]/g)])
    .flatMap(([, name = '']) =>
      name.startsWith('$')
        ? ['keys', 'bundle', 'signing_key'].map((what) => name.replace('$' + '{what}', what))
        : [name],
    );
  t.true(said.length > 10);
  t.deepEqual([...new Set(said)].sort(), Object.keys(events).sort());
});

/** A page that stands nowhere. */
function page(text: string): Page {
  return { path: 'docs/x.md', url: new URL('docs/x.md', top), text };
}

const ofOverlays = overlays.map((overlay) => `kustomize/overlays/${overlay}/peerproof.yaml`);

for (const file of ofOverlays)
  test(`Kustomize – ${file} is accepted as it is`, (t) => {
    t.true(listRules(parseConfig(read(file), file).config).length > 0);
  });

for (const [title, text] of [
  ...ofOverlays.map((file) => [file, read(file)] as const),
  [
    'the demo',
    demoConfiguration({ issuer: 'https://127.0.0.1:1' } as OidcProvider).replace('ca: ca.pem', ''),
  ],
] as const)
  test(`documents – validate has no warning about the configuration of ${title}`, (t) => {
    t.deepEqual(
      lint(parseConfig(text, title)).filter(({ severity }) => severity !== 'note'),
      [],
    );
  });
