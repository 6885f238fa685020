import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { presets } from '../../src/core/identity/presets.ts';
import { lint } from '../../src/lint/lint.ts';
import { migrateSource, type Source, sources } from '../istio/migrated-sources.ts';
import { programTest } from '../support/debian-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { received, startMesh } from '../support/mesh.ts';
import { startNginx } from '../support/nginx.ts';
import { type Ask, through, withAddresses } from './orders.ts';

/** `migrate oauth2-proxy --for nginx`, and what it wrote at work. Only addresses and files are those of the test. */

const nginxTest = await programTest('nginx');
const signer = createSigner('RS256');

function migrate(source: Source, issuer: string) {
  const { text } = migrateSource('nginx', source, issuer);
  return { settings: parse(text('peerproof.yaml')), conf: text('nginx.conf') };
}

/** nginx and Peerproof with what was migrated, and the application behind them. */
async function start(t: ExecutionContext, source: Source) {
  const mesh = await startMesh({
    issuer: { signers: [signer] },
    config: ({ issuer }) => {
      const { listen, ...settings } = migrate(source, issuer.issuer).settings;
      return settings;
    },
  });
  t.teardown(mesh.stop);
  const server = await mesh.ca.server();
  const nginx = await startNginx({
    listeners: ['https'],
    files: { 'orders.pem': server.certPem, 'orders.key': server.keyPem },
    config: (port) =>
      withAddresses(migrate(source, mesh.issuer.issuer).conf, {
        'server 127.0.0.1:9002;': `server 127.0.0.1:${mesh.peerproof.httpPort};`,
        'server 127.0.0.1:8080;': `server 127.0.0.1:${mesh.app.port};`,
        'listen 443 ssl;': `listen 127.0.0.1:${port('https')} ssl;`,
        '/etc/nginx/tls/': '',
      }),
  });
  t.teardown(nginx.stop);
  return {
    ask: (parts: Ask) => through(nginx.port('https'), parts, mesh.clientTls()),
    mint: (claims = {}) => mesh.mint({ ...source.claims, ...claims }, {}, signer),
  };
}

const names = Object.keys(presets['oauth2-proxy']);
const forged = names.flatMap((name) => [
  [name, 'forged'] as const,
  [name.replaceAll('-', '_'), 'forged'] as const,
]);

for (const source of sources) {
  const { title, lacking, open } = source;
  test(`nginx, ${title}: the folder can be used, and validates without a finding`, (t) => {
    const { exitCode, report, text } = migrateSource('nginx', source, 'https://login.example.com');
    t.is(exitCode, 0, report.join('\n'));
    const findings = lint(parseConfig(text('peerproof.yaml'), 'peerproof.yaml'));
    t.deepEqual(
      findings.filter(({ severity }) => severity !== 'note'),
      [],
    );
  });

  nginxTest(
    `nginx, ${title}: 401 without a token, 200 with one, and no identity header of a client`,
    async (t) => {
      const { ask, mint } = await start(t, source);
      const without = await ask({});
      t.is(without.status, 401);
      t.is(without.header('www-authenticate'), 'Bearer realm="peerproof"');
      const some = { email: 'alice@example.com', groups: ['shop', 'b'] };
      const answer = await ask({ token: mint(some) });
      t.is(answer.status, 200, answer.body);
      t.like(Object.fromEntries(answer.json().headers), {
        'x-auth-request-user': 'alice',
        'x-auth-request-groups': 'shop,b',
        'x-forwarded-user': 'alice',
        'x-forwarded-email': 'alice@example.com',
        'gap-auth': 'alice@example.com',
      });
      t.is((await ask({ token: mint({ aud: 'payments' }) })).status, 401);
      if (lacking) t.is((await ask({ token: mint(lacking) })).status, 403);
      if (open) {
        t.is((await ask({ method: open[0], path: open[1] })).status, 200);
        t.is((await ask({ method: 'POST', path: open[1] })).status, 401);
      }
      const passing = [{ token: mint() }, ...(open ? [{ method: open[0], path: open[1] }] : [])];
      for (const parts of passing) {
        const allowed = await ask({ ...parts, headers: forged });
        t.is(allowed.status, 200, allowed.body);
        for (const name of names)
          for (const spelled of [name, name.replaceAll('-', '_')])
            t.false(received(allowed, spelled).includes('forged'), spelled);
      }
    },
  );
}
