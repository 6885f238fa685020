import test from 'ava';
import { say } from '../hostile/plain-client.ts';
import type { ExtAuthz } from '../support/envoy.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type Mesh, routes, startMesh } from '../support/mesh.ts';
import { outsideTest } from './outside-test.ts';
import { istioPaths, judgePaths } from './paths.ts';
import { hasVectors } from './vectors.ts';

/** The modes of Istio's `pathNormalization`, as istiod renders them. */
const modes = {
  NONE: { normalizePath: false },
  BASE: { normalizePath: true },
  MERGE_SLASHES: { normalizePath: true, mergeSlashes: true },
  DECODE_AND_MERGE_SLASHES: { normalizePath: true, mergeSlashes: true, unescapeSlashes: true },
};
type Mode = keyof typeof modes;
const doors = ['gRPC', 'HTTP'] as const;
type Door = (typeof doors)[number];

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy || !hasVectors) return;
  mesh = await startMesh({
    config: () => ({
      http: { pathPrefix: '/check' },
      rules: [{ name: 'all', match: { paths: ['/**'] }, public: true }],
    }),
    listeners: (parts) => {
      const asked: Record<Door, ExtAuthz> = {
        gRPC: { grpc: parts.authorizer },
        HTTP: {
          http: { ports: [parts.httpPort], pathPrefix: '/check' },
          allowedHeaders: ['x-request-id'],
        },
      };
      return doors.flatMap((door) =>
        Object.entries(modes).map(([mode, options]) => ({
          name: `${door}-${mode}`,
          ...options,
          upstream: { port: parts.app.port },
          routes: routes(parts),
          extAuthz: asked[door],
        })),
      );
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

/** Who answered: Envoy by itself, we with a refusal of this ID, or the application, which saw this. */
type Outcome = 'envoy' | { readonly refusal: string } | { readonly seen: string; readonly request: string };

async function send(listener: string, target: string): Promise<Outcome> {
  const said = { method: 'GET', target, host: 'app.test', headers: [] };
  const { status, headers, body } = await say({ port: mesh.envoy.port(listener) }, said);
  if (status === 400 && !headers['content-type']?.includes('json')) return 'envoy';
  const answer = JSON.parse(body);
  if (status !== 200) return { refusal: answer.decision_id };
  const request = new Map<string, string>(answer.headers).get('x-request-id');
  if (request === undefined) throw new Error(`${target} has no request ID`);
  return { seen: answer.path, request };
}

/** As a plain server reads a path: it knows nothing of ours. Undefined where two servers could read it differently. */
function read(path: string): readonly string[] | undefined {
  const names = path.split('/').slice(1).map(decodeURIComponent);
  if (names.at(-1) === '') names.pop();
  return names.some(
    (name) => name === '' || name === '.' || name === '..' || /[/\\;?#\p{Cc}]|%[0-9A-F]{2}/iu.test(name),
  )
    ? undefined
    : names;
}

/** How many of the texts reach the application, and how many Envoy refuses by itself; all others we refuse. */
const counted: Readonly<Record<Mode, { readonly reached: number; readonly envoy: number }>> = {
  NONE: { reached: 107, envoy: 2 },
  BASE: { reached: 113, envoy: 3 },
  MERGE_SLASHES: { reached: 118, envoy: 3 },
  DECODE_AND_MERGE_SLASHES: { reached: 125, envoy: 3 },
};

const bothTest = hasVectors ? envoyTest : test.skip;

for (const door of doors)
  for (const mode of Object.keys(modes) as Mode[])
    bothTest(
      `paths – what is allowed reaches the application as it was judged: ${door}, ${mode}`,
      async (t) => {
        const outcomes = new Map<string, Outcome>();
        for (const path of istioPaths()) outcomes.set(path, await send(`${door}-${mode}`, path));
        // The log is read once: it has a line for each check of every mode.
        const lines = mesh.peerproof.decisions();
        const byRequest = new Map(lines.map((line) => [line.request_id, line]));
        const byDecision = new Map(lines.map((line) => [line.decision_id, line]));
        let [reached, envoy] = [0, 0];
        for (const [path, outcome] of outcomes) {
          if (outcome === 'envoy') envoy++;
          else if ('refusal' in outcome)
            t.is(byDecision.get(outcome.refusal)?.reason, 'path_ambiguous', path);
          else {
            reached++;
            t.deepEqual(read(outcome.seen), read(byRequest.get(outcome.request)?.path ?? ''), path);
            t.not(read(outcome.seen), undefined, `${path}: the application got ${outcome.seen}`);
          }
        }
        t.deepEqual({ reached, envoy }, counted[mode]);
      },
    );

outsideTest('paths – each text of the table is accepted or refused for a reason', (t) => {
  const { accepted, refused } = judgePaths();
  const sum = accepted + [...refused.values()].reduce((total, count) => total + count, 0);
  t.is(sum, istioPaths().length);
  t.true(accepted > 100);
});
