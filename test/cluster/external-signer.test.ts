import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createCheckWorld } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { type ExternalSigner, type SignerKey, startExternalSigner } from '../support/external-signer.ts';
import { externalSigner, hasKubeApiServer } from '../support/kube-api-server.ts';
import { waitFor } from '../support/wait.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';

const has = hasKubeApiServer();
const clusterTest = has ? test.serial : test.serial.skip;

function createKey(): SignerKey {
  return { kid: randomUUID(), ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

/** Seconds of the longest token: two hours. */
const longest = 7_200;
const [first, second] = [createKey(), createKey()];
let folder: string;
let signer: ExternalSigner;
let plane: ControlPlane;

test.before(async () => {
  if (!has) return;
  folder = mkdtempSync(join(tmpdir(), 'peerproof-signer-'));
  signer = await startExternalSigner(folder, first, longest);
  plane = await startControlPlane(externalSigner, signer.socket);
});

test.after.always(async () => {
  await plane?.close();
  signer?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const accounts = '/api/v1/namespaces/applications/serviceaccounts';

/** The documents of the cluster hold these keys, and no others. */
function published(...keys: readonly SignerKey[]) {
  return waitFor('the keys of the API server', 60_000, async () => {
    const { body } = await plane.ask('GET', '/openid/v1/jwks');
    const kids = body.keys.map(({ kid }: { kid: string }) => kid);
    return (
      kids.toSorted().join() ===
      keys
        .map(({ kid }) => kid)
        .toSorted()
        .join()
    );
  });
}

async function tokenOfPod(uid: string): Promise<string> {
  const spec = {
    audiences: ['orders'],
    boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'client-0', uid },
  };
  const { body } = await plane.ask('POST', `${accounts}/client/token`, { spec });
  return body.status.token;
}

clusterTest('external signer – its keys rotate without a gap, by signature and by TokenReview', async (t) => {
  await plane.ask('POST', '/api/v1/namespaces', { metadata: { name: 'applications' } });
  await plane.ask('POST', accounts, { metadata: { name: 'client' } });
  await plane.ask('POST', '/api/v1/nodes', { metadata: { name: 'worker-1' } });
  const containers = [{ name: 'client', image: 'client' }];
  const pod = await plane.ask('POST', '/api/v1/namespaces/applications/pods', {
    metadata: { name: 'client-0' },
    spec: { serviceAccountName: 'client', nodeName: 'worker-1', containers },
  });
  const { uid } = pod.body.metadata;
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, plane.admin);
  const worldOf = (verify: 'jwks' | 'both') =>
    createCheckWorld(
      {
        issuers: {
          cluster: {
            ...{ issuer: plane.issuer, audiences: ['orders'], refresh: '24h', coolDown: '0s' },
            ...{ ca: plane.caFile, kubernetes: { verify, apiServer: plane.url, tokenFile } },
          },
        },
        rules: [
          {
            name: 'worker',
            require: { binding: ['none'], when: "serviceAccount.node == 'worker-1'" },
          },
        ],
      },
      { now: Date.now(), checkTimeout: 30_000 },
    );
  const worlds = [await worldOf('jwks'), await worldOf('both')];
  t.teardown(() => {
    for (const world of worlds) world.stop();
  });
  const passes = async (...tokens: readonly string[]) => {
    for (const world of worlds)
      for (const token of tokens) {
        const answer = await world.check({ token });
        isAllowed(t, answer);
        const { serviceAccount, claims } = answer.decision.found.token ?? {};
        t.like(serviceAccount, { node: 'worker-1', pod: 'client-0', credentialId: `JTI=${claims?.jti}` });
      }
  };

  const before = await tokenOfPod(uid);
  await passes(before);
  signer.publish([first, second]);
  await published(first, second);
  await passes(before);
  signer.signWith(second);
  const after = await tokenOfPod(uid);
  t.not(before.split('.')[0], after.split('.')[0]);
  await passes(after, before);
  signer.publish([second]);
  await published(second);
  await Promise.all(worlds.flatMap(({ issuers }) => issuers.map(({ source }) => source.start())));
  await passes(after);
  for (const world of worlds) isRefused(t, await world.check({ token: before }), 'token_key_unknown');
});
