import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type Mesh, received, startMesh } from '../support/mesh.ts';

/**
 * Envoy's access logs of text, and headers that a route makes of dynamic metadata: it escapes no text in either, so what
 * a person could choose at the issuer must not end a line or a quoted field there.
 */

const names = ['subject', 'client_id', 'email', 'preferred_username', 'groups', 'scopes', 'rule', 'effect'];
const metadata = (name: string) => `%DYNAMIC_METADATA(envoy.filters.http.ext_authz:${name})%`;

let mesh: Mesh;
let folder: string;

test.before(async () => {
  if (!hasEnvoy) return;
  folder = await mkdtemp(join(tmpdir(), 'peerproof-access-log-'));
  mesh = await startMesh({
    config: () => ({
      rules: [
        { name: 'scoped', match: { paths: ['/scoped'] }, require: { scopes: ['admin'], binding: ['none'] } },
        { name: 'any', require: { binding: ['none'] } },
      ],
    }),
    listeners: (parts) => [
      {
        name: 'web',
        upstream: { port: parts.app.port },
        extAuthz: { grpc: parts.authorizer },
        routes: [{ prefix: '/', requestHeadersToAdd: { 'x-metadata-subject': metadata('subject') } }],
        accessLog: {
          file: join(folder, 'access.log'),
          format: `${names.map((name) => `"${metadata(name)}"`).join(' ')}\n`,
        },
      },
    ],
  });
});

test.after.always(async () => {
  await mesh?.stop();
  if (folder) await rm(folder, { recursive: true });
});

const LINE = 'x"\r\n"admin" "-" "-" "-" "-" "-" "any" "allow"\n';

envoyTest(
  'access log – a claim with line ends and quotes stays in its field, and decodes to what it was',
  async (t) => {
    const claims = {
      sub: LINE,
      client_id: LINE,
      email: LINE,
      email_verified: true,
      preferred_username: LINE,
      groups: ['é\u2028', LINE],
      scope: 'a',
    };
    const token = mesh.mint(claims);
    const allowed = await mesh.send('web', { plain: true, token });
    t.is(allowed.status, 200, allowed.body);
    const [subject = ''] = received(allowed, 'x-metadata-subject');
    t.is(decodeURIComponent(subject), LINE);
    t.is((await mesh.send('web', { plain: true, path: '/scoped', token })).status, 403);
    // Envoy writes what is left when it ends.
    await mesh.envoy.stop();

    const log = await readFile(join(folder, 'access.log'), 'utf8');
    const lines = log.trimEnd().split('\n');
    t.is(lines.length, 2, log);
    for (const [line, effect, rule] of [
      [lines[0], 'allow', 'any'],
      [lines[1], 'deny', 'scoped'],
    ] as const) {
      // Readers take each field from quote to quote; lists are JSON, which Envoy escapes itself.
      t.regex(line ?? '', /^"[^"]*" "[^"]*" "[^"]*" "[^"]*" "(?:-|\[.*\])" "\["a"\]" "[^"]*" "[^"]*"$/);
      t.regex(line ?? '', /^[ -~]*$/);
      t.true(line?.endsWith(`"${rule}" "${effect}"`), line);
      t.is(decodeURIComponent(/^"([^"]*)"/.exec(line ?? '')?.[1] ?? ''), LINE);
    }
  },
);
