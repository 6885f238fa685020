import test from 'ava';
import { say } from '../hostile/plain-client.ts';
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

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy || !hasVectors) return;
  mesh = await startMesh({
    config: () => ({ rules: [{ name: 'all', match: { paths: ['/**'] }, public: true }] }),
    listeners: (parts) =>
      Object.entries(modes).map(([name, mode]) => ({
        name,
        ...mode,
        upstream: { port: parts.app.port },
        routes: routes(parts),
        extAuthz: { grpc: parts.authorizer },
      })),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

/** What became of a path: who refused it, or what the application saw and what we had judged. */
type Outcome = 'envoy' | 'refused' | { readonly seen: string; readonly judged: string };

async function send(mode: Mode, target: string): Promise<Outcome> {
  const said = { method: 'GET', target, host: 'app.test', headers: [] };
  const { status, headers, body } = await say({ port: mesh.envoy.port(mode) }, said);
  if (status === 400 && !headers['content-type']?.includes('json')) return 'envoy';
  const answer = JSON.parse(body);
  if (status !== 200) {
    if (mesh.peerproof.decision(answer.decision_id).reason !== 'path_ambiguous') throw new Error(body);
    return 'refused';
  }
  const [, id] = answer.headers.find(([name]: [string]) => name === 'x-decision-id');
  return { seen: answer.path, judged: mesh.peerproof.decision(id).path };
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

for (const mode of Object.keys(modes) as Mode[])
  (hasVectors ? envoyTest : test.skip)(
    `paths – what we accept reaches the application as we judged it, with ${mode} (Istio's table)`,
    async (t) => {
      let [reached, envoy] = [0, 0];
      for (const path of istioPaths()) {
        const outcome = await send(mode, path);
        if (outcome === 'envoy') envoy++;
        if (typeof outcome === 'string') continue;
        reached++;
        const { seen, judged } = outcome;
        t.deepEqual(read(seen), read(judged), path);
        t.not(read(seen), undefined, `${path}: the application got ${seen}`);
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
