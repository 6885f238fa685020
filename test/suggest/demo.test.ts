import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { ways } from '../../demo/asker.ts';
import { type Case, chapters } from '../../demo/cases.ts';
import { recordLog } from '../../demo/decision-log.ts';
import { grpcAsker } from '../../demo/grpc-asker.ts';
import { configuration, obtainTokens, startIssuer, type Tokens } from '../../demo/tokens.ts';
import { createWorkloads, ids, type Workloads } from '../../demo/workloads.ts';
import { loadConfig } from '../../src/config/load.ts';
import { serve } from '../../src/serve/start.ts';
import { suggestRules } from '../../src/suggest/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerproof-suggest-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const config = join(folder, 'peerproof.yaml');
const cases = chapters.flatMap((chapter) => chapter.cases);

/** Sends each case of the demo in both ways to a service with the configuration. Returns those that passed. */
async function send(workloads: Workloads, tokens: Tokens, file: string): Promise<readonly string[]> {
  const log = recordLog(join(folder, file));
  const peerproof = await serve(loadConfig(config), { log });
  await peerproof.ready;
  const asker = grpcAsker(peerproof.grpcPort);
  const passed = new Set<string>();
  for (const one of cases)
    for (const way of ways) {
      const bearer = one.token ? [['authorization', `Bearer ${tokens[one.token]}`] as const] : [];
      const headers = [...bearer, ...(one.headers?.(workloads.oauthclient) ?? [])];
      const { status } = await asker.ask(way, { ...one, headers, peer: one.peer && workloads[one.peer] });
      if (status === 200) passed.add(titleOf(one));
    }
  asker.close();
  await peerproof.drain();
  log.close();
  return [...passed];
}

const titleOf = ({ who, method, path, sends }: Case) => `${who}: ${method} ${path} with ${sends}`;

test('suggest – observe, suggest, enforce: the traffic of the demo passes, and no stolen token does', async (t) => {
  const workloads = await createWorkloads();
  const issuer = await startIssuer(workloads);
  t.teardown(issuer.stop);
  const tokens = await obtainTokens(issuer, workloads);
  writeFileSync(join(folder, 'ca.pem'), workloads.ca.certPem);
  const health = `{name: health, match: {destinations: [${ids.orders}], paths: [/healthz]}, public: true}`;
  const observing = `rules:\n  - ${health}\n\nmode: observe\n`;
  writeFileSync(config, configuration(issuer).replace(/rules: \[\][\s\S]*?(?=drain:)/, observing));
  const observed = await send(workloads, tokens, 'observed.log');
  t.is(observed.length, cases.length, 'a service that observes refuses nothing');

  const notes: string[] = [];
  const exitCode = await suggestRules(
    {
      ...{ config, files: [join(folder, 'observed.log')], all: false, generalizePaths: false },
      ...{ write: true, format: 'text', limit: 100 },
    },
    {
      ...{ input: Readable.from([]), now: Date.now() },
      ...{ print: async () => undefined, note: async (text) => void notes.push(text) },
    },
  );
  t.is(exitCode, 0);
  t.false(
    notes.some((note) => note.includes('warning')),
    notes.join('\n'),
  );

  writeFileSync(config, readFileSync(config, 'utf8').replace('mode: observe\n', ''));
  const enforced = await send(workloads, tokens, 'enforced.log');
  // The rules of the demo refuse three of these: for a scope, for a path without a rule, and for a proof.
  const ownRules = ['scope_missing', 'no_rule', 'allowed', 'public'];
  const proven = cases.filter(
    ({ path, expect: { reason } }) => ownRules.includes(reason) || path === '/payments',
  );
  t.deepEqual(enforced, proven.map(titleOf));
});
