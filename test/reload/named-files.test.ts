import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import test from 'ava';
import { isReadOnce } from '../../src/sources/fingerprint.ts';
import { listen } from '../support/listening.ts';
import { contents, named } from './named-files.ts';
import { startReloadWorld, yaml } from './reload-world.ts';

test('named files – each that is a part of the configuration makes a new one, in a volume of Kubernetes', async (t) => {
  const world = await startReloadWorld(t, contents(1));
  let files = contents(1);
  let { version } = (await world.readyz()).configuration;
  for (const { path, file } of named) {
    files = { ...files, [file]: contents(2)[file] ?? '' };
    await world.mount(files);
    await world.reload();
    const { configuration } = await world.readyz();
    t.is(configuration.refused, undefined, path.join('.'));
    t.is(configuration.version !== version, isReadOnce(path), path.join('.'));
    version = configuration.version;
  }
  t.deepEqual(world.events('restart_needed'), []);
});

test('named files – the secret with which an authorization server is asked', async (t) => {
  const sent: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    sent.push(request.headers.authorization);
    response.setHeader('content-type', 'application/json').end('{"active": false}');
  });
  const port = await listen(server);
  t.teardown(() => server.close());
  const introspection = { endpoint: `http://127.0.0.1:${port}`, clientId: 'me', clientSecretFile: 'secret' };
  const files = (secret: string) => ({
    'peerproof.yaml': yaml({
      issuers: { opaque: { introspection, audiences: ['orders'] } },
      rules: [{ name: 'all', require: { binding: ['none'] } }],
    }),
    secret,
  });
  const world = await startReloadWorld(t, files('one'));
  t.is(await world.ask('an-opaque-token'), 'token_inactive');
  await world.mount(files('two'));
  await world.reload();
  t.is(await world.ask('another-opaque-token'), 'token_inactive');
  const basic = (secret: string) => `Basic ${Buffer.from(`me:${secret}`).toString('base64')}`;
  t.deepEqual(sent, [basic('one'), basic('two')]);
});

test('named files – the table in docs/operations.md has each setting, and says what reads it again', (t) => {
  const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const [, section = ''] = text.split('## Files that the configuration names\n');
  const rows = (section.split('\n## ')[0] ?? '').split('\n').map((line) => line.split(' | '));
  for (const { path } of named) {
    // The name that the user chooses, and the place where the default of a cluster is found.
    const setting = path
      .join('.')
      .replace(/^(issuers|peers\.trustDomains)\.[a-z.]+?\.(?=kubernetes|introspection|[a-z]+$)/, '$1.<name>.')
      .replace(/^(telemetry\.headerFiles|identity\.token\.keyFiles)\..*/, '$1');
    const row = rows.find(([names = '']) => names.includes(`\`${setting}\``));
    t.is(row?.[1]?.startsWith('with the configuration'), isReadOnce(path), setting);
  }
});
