import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConsole } from '../src/cli/console.ts';
import { loadConfig } from '../src/config/load.ts';
import type { Running } from '../src/operate/lifecycle.ts';
import { serve } from '../src/serve/start.ts';
import { startApp } from '../test/support/app.ts';
import type { OidcProvider } from '../test/support/oidc-provider.ts';
import type { Asker } from './asker.ts';
import { type RecordedLog, recordLog } from './decision-log.ts';
import type { Ending } from './ending.ts';
import { envoyAsker, startSidecar } from './envoy-asker.ts';
import { grpcAsker } from './grpc-asker.ts';
import { configuration, obtainTokens, startIssuer, type Tokens } from './tokens.ts';
import { createWorkloads, type Workloads } from './workloads.ts';

/** The names of the files in the demo's folder. */
export const files = { ca: 'ca.pem', config: 'peerproof.yaml', log: 'decisions.log' } as const;

/** Everything that the demo started. */
export interface World {
  /** Temporary; readable by this user only. */
  readonly folder: string;
  readonly workloads: Workloads;
  readonly issuer: OidcProvider;
  readonly tokens: Tokens;
  readonly peerproof: Running;
  readonly log: RecordedLog;
  readonly asker: Asker;
  /** The port of a listener; undefined without Envoy. */
  readonly envoyPort: ((listener: string) => number) | undefined;
}

/** Starts workloads, issuer, Peerproof, application and Envoy (if there is one). `ending` stops what was started. */
export async function startWorld(hasEnvoy: boolean, ending: Ending): Promise<World> {
  const folder = await temporaryFolder(ending);
  const workloads = await createWorkloads();
  const issuer = await startIssuer(workloads);
  ending.add(issuer.stop);
  const tokens = obtainTokens(issuer, workloads);
  tokens.catch(() => undefined); // awaited below; a failure before that has its own message

  await writeFile(join(folder, files.ca), workloads.ca.certPem);
  const config = join(folder, files.config);
  await writeFile(config, configuration(issuer));
  const log = recordLog(join(folder, files.log));
  ending.add(log.close);
  // From here on this is the same as `peerproof serve --config …`: a change of the file is applied.
  const load = () => loadConfig(config);
  const peerproof = await serve(load(), { log, reload: { load, files: [config] }, openConsole });
  ending.add(() => peerproof.drain());
  await peerproof.ready;

  const asking = hasEnvoy
    ? await throughEnvoy(workloads, peerproof, ending)
    : overGrpc(peerproof.grpcPort, ending);
  return { folder, workloads, issuer, tokens: await tokens, peerproof, log, ...asking };
}

async function throughEnvoy(workloads: Workloads, { grpcPort }: Running, ending: Ending) {
  const app = await startApp();
  ending.add(app.stop);
  const envoy = await startSidecar(workloads, app, grpcPort);
  ending.add(envoy.stop);
  return { asker: envoyAsker(envoy, app, workloads), envoyPort: envoy.port };
}

function overGrpc(grpcPort: number, ending: Ending) {
  const asker = grpcAsker(grpcPort);
  ending.add(asker.close);
  return { asker, envoyPort: undefined };
}

/** A folder that is removed at the end, even if the process ends before the orderly end. */
async function temporaryFolder(ending: Ending): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-demo-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  ending.add(() => {
    process.off('exit', remove);
    remove();
  });
  return folder;
}
