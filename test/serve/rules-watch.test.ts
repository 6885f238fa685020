import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../src/config/load.ts';
import { leavingOut } from '../../src/config/teams/handling.ts';
import { serve } from '../../src/serve/start.ts';
import { event, listOfObjects, recorded, startRuleObjectsServer } from '../sources/rule-objects-server.ts';
import { openCheckClient } from '../support/check-client.ts';
import { configText, fetchPage } from '../support/peerproof.ts';
import { waitFor } from '../support/wait.ts';

const workload = 'spiffe://cluster.local/ns/shop/sa/api';
const open = (path: string, more: object = {}) => ({
  rules: [{ name: 'open', public: true, match: { destinations: [workload], paths: [path] }, ...more }],
});
const objectOf = (spec: object, generation = 1, namespace = 'shop') =>
  recorded(namespace, 'rules', { generation, resourceVersion: String(generation) }, spec);

/** A service, and a stand-in for the API server that it watches. */
async function world(t: ExecutionContext, objects: object[]) {
  let watch: ServerResponse | undefined;
  const patches: {
    path: string;
    status: { rules: number; conditions: { type: string; status: string }[] };
  }[] = [];
  let isGone = false;
  const server = await startRuleObjectsServer((request, response, body) => {
    const { method, url = '' } = request;
    if (isGone) response.destroy();
    else if (method === 'PATCH') {
      patches.push({ path: url, status: JSON.parse(body).status });
      response.end('{}');
    } else if (url.includes('watch=true')) {
      watch = response.writeHead(200);
      response.flushHeaders();
    } else response.end(listOfObjects(objects));
  });
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-rules-watch-'));
  const file = join(folder, 'peerproof.yaml');
  writeFileSync(join(folder, 'token'), 'secret');
  const config = (delegate: object[]) =>
    configText({
      peers: { trustDomains: { 'cluster.local': {} } },
      delegate: delegate as { owner: string }[],
      rules: [{ name: 'health', match: { paths: ['/healthz'] }, public: true }],
      rulesFrom: { kubernetes: { apiServer: server.url, tokenFile: 'token' } },
    });
  const shop = { owner: 'shop', namespaces: ['shop'], mayBePublic: true };
  writeFileSync(file, config([shop]));
  const lines: string[] = [];
  const teams = leavingOut();
  const load = () => loadConfig(file, teams);
  const log = { write: (line: string) => lines.push(line) };
  const running = await serve(load(), { log, reload: { load, teams, files: [file] } });
  const client = openCheckClient(running.grpcPort);
  t.teardown(async () => {
    client.close();
    await running.drain();
    server.close();
    rmSync(folder, { recursive: true });
  });
  await running.ready;
  return {
    ...{ patches, lines },
    send: (type: string, object: object) => watch?.write(event(type, object)),
    delegate: async (...delegate: object[]) => {
      writeFileSync(file, config(delegate));
      await running.reload?.();
    },
    leave() {
      isGone = true;
      watch?.destroy();
    },
    async allows(path: string) {
      const http = { method: 'GET', host: 'app.test', path, headers: {} };
      const attributes = { request: { http }, destination: { principal: workload } };
      return Boolean((await client.check({ attributes })).okResponse);
    },
    readyz: async () => JSON.parse((await fetchPage(running.adminPort, '/readyz')).body),
  };
}

const said = (status: { conditions: { type: string; status: string }[] } | undefined) =>
  status?.conditions.map(({ type, status: is }) => `${type} ${is}`).join(', ');
const well = 'Accepted True, Programmed True, Conflicted False';
const refused = 'Accepted False, Programmed False, Conflicted False';

test('rules watch – what is listed is at work when the service is ready, and its status is written', async (t) => {
  const { allows, patches, readyz } = await world(t, [objectOf(open('/first'))]);
  t.true(await allows('/first'));
  await waitFor('the status', 5_000, () => patches.length > 0);
  t.is(
    patches[0]?.path,
    '/apis/peerproof.io/v1alpha1/namespaces/shop/authorizationrules/rules/status?fieldManager=peerproof',
  );
  t.is(said(patches[0]?.status), well);
  t.like(await readyz(), { ready: true, rules_from: { kubernetes: { objects: 1 } } });
});

test('rules watch – changes are put to work, a broken one is not, and one that is gone is gone', async (t) => {
  const { allows, patches, send, readyz } = await world(t, [objectOf(open('/first'))]);
  send('MODIFIED', objectOf(open('/second'), 2));
  await waitFor('the change', 5_000, () => allows('/second'));
  t.false(await allows('/first'));
  send('MODIFIED', objectOf(open('/third', { requir: {} }), 3));
  await waitFor('the refusal', 5_000, () => said(patches.at(-1)?.status) === refused);
  t.true(await allows('/second'));
  t.is((await readyz()).owners.shop.reason, 'last_good');
  send('DELETED', objectOf(open('/third', { requir: {} }), 4));
  await waitFor('the end', 5_000, async () => !(await allows('/second')));
  t.is((await readyz()).owners, undefined);
});

test('rules watch – a namespace without a delegation is told so, until it has one', async (t) => {
  const { allows, patches, delegate } = await world(t, [objectOf(open('/first'), 1, 'shop-2')]);
  await waitFor('the refusal', 5_000, () => said(patches.at(-1)?.status) === refused);
  t.false(await allows('/first'));
  await delegate({ owner: 'shop', namespaces: ['shop', 'shop-2'], mayBePublic: true });
  t.true(await allows('/first'));
  await waitFor('the status', 5_000, () => said(patches.at(-1)?.status) === well);
  t.pass();
});

test('rules watch – what is taken from a team is no longer at work after a reload', async (t) => {
  const { allows, delegate, patches } = await world(t, [objectOf(open('/first'))]);
  t.true(await allows('/first'));
  await delegate({ owner: 'shop', namespaces: ['shop'] });
  t.false(await allows('/first'));
  await waitFor('the status', 5_000, () => said(patches.at(-1)?.status) === refused);
  t.pass();
});

test('rules watch – if the API server is gone, the rules stay, and /readyz and the log say it', async (t) => {
  const { allows, leave, readyz, lines } = await world(t, [objectOf(open('/first'))]);
  leave();
  const state = await waitFor('the outage', 5_000, async () => {
    const now = await readyz();
    return now.rules_from.kubernetes.reason && now;
  });
  t.like(state, {
    ready: true,
    rules_from: { kubernetes: { reason: 'team_rules_unavailable', objects: 1 } },
  });
  t.true(await allows('/first'));
  t.true(lines.some((line) => line.includes('"team_rules_unavailable"')));
});
