import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { flagOptions, loadFromFlags } from '../config/flags.ts';
import { type LoadedConfig, loadConfig, loadLater } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { leavingOut, type TeamHandling } from '../config/teams/handling.ts';
import type { ReloadOptions } from '../serve/serve-options.ts';
import { serve } from '../serve/start.ts';
import { askPrimary } from '../workers/ask-primary.ts';
import { serveWithWorkers } from '../workers/primary.ts';
import { followObjects, reportStart, reportToPrimary, takeOver } from '../workers/worker.ts';
import { type Command, configOption, defaultFile, serviceCodes } from './command.ts';
import { openConsole } from './console.ts';
import { Misuse } from './misuse.ts';
import { runService } from './service.ts';

export const serveCommand: Command = {
  summary: 'Answers authorization checks. Runs until SIGTERM.',
  usage: [
    'serve [--config FILE] [--workers N|auto]',
    'serve --issuer URL --audience NAME [--trust-domain NAME] [--client ID=SPIFFE-ID] [OPTION...]',
  ],
  options: {
    ...configOption,
    '--workers N|auto': 'The number of processes, 1 to 64. `auto`: one per CPU. Default: 1.',
    '--issuer URL': 'Serves without a file: one issuer and one rule for every request.',
    '--audience NAME': 'An audience that tokens of the issuer must name. May be repeated.',
    '--trust-domain NAME': 'An accepted SPIFFE trust domain. May be repeated.',
    '--client ID=SPIFFE-ID': 'A workload that may use the tokens of an OAuth client. May be repeated.',
    '--binding PROOF,...': 'The accepted proofs, in order: certificate, workload, dpop, none.',
    '--listen-grpc ADDRESS': 'Where Envoy asks. Default: `0.0.0.0:9001`.',
    '--listen-admin ADDRESS': 'Where health and metrics are. Default: `0.0.0.0:9003`.',
  },
  exitCodes: serviceCodes,
  notes: `Changes to the file are applied automatically. SIGHUP applies them at once.
The options after --issuer are for a start without a file, and need it.`,
  examples: {
    'peerproof serve': 'Serves peerproof.yaml.',
    'peerproof serve --config /etc/peerproof/peerproof.yaml --workers auto':
      'Serves another file, with one process per CPU.',
    'peerproof serve --issuer https://issuer.example.com --audience orders --trust-domain cluster.local':
      'Serves one issuer and one trust domain without a file.',
  },
  async run(args) {
    const { values } = parseArgs({
      args,
      options: { config: { type: 'string' }, workers: { type: 'string', default: '1' }, ...flagOptions },
    });
    const size = parseWorkers(values.workers);
    if (size === undefined) throw new Misuse('--workers must be a number from 1 to 64, or auto');
    const alone = Object.keys(flagOptions).find((name) => Object.hasOwn(values, name));
    if (alone !== undefined && values.issuer === undefined)
      throw new Misuse(`--${alone} needs --issuer: a file has its own settings`);
    const file = values.config ?? defaultFile;
    const teams = leavingOut();
    const isFile = values.issuer === undefined;
    const load = (lastGood: LoadedConfig['files']) =>
      isFile ? loadLater(file, teams, lastGood) : loadFromFlags(values);
    const reload = { load, teams, files: isFile ? [file] : [] };
    if (cluster.isWorker) return work(reload, teams);
    const loaded = isFile ? loadConfig(file, teams) : loadFromFlags(values);
    if (size === 1)
      return runService(loaded, (log, onDropped) => serve(loaded, { log, onDropped, reload, openConsole }));
    const pool = { size, exec: process.argv[1] ?? '', args: ['serve', ...args] };
    return runService(loaded, (log, onDropped) =>
      serveWithWorkers(loaded, pool, { log, onDropped, openConsole }, reload),
    );
  },
};

/**
 * Serves as one of several processes. Starts with the configuration of the primary, then follows the files
 * itself. The primary, and not this process, says why a port cannot be opened.
 */
async function work(reload: ReloadOptions, teams: TeamHandling) {
  const followTeams = followObjects(teams);
  const { loaded, refused, nonceKey } = await takeOver(teams);
  const following = { ...reload, teams, followTeams, handedOver: { refused } };
  const usedProofs = askPrimary();
  try {
    return await runService(loaded, async (log, onDropped) => {
      const options = { log, onDropped, reload: following, usedProofs, openAdmin: reportToPrimary, nonceKey };
      const running = await serve(loaded, options);
      await reportStart([]);
      return running;
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    await reportStart(error.problems);
    return 1;
  }
}

/** The number of processes; undefined if the text is not one. */
function parseWorkers(text: string): number | undefined {
  if (text === 'auto') return availableParallelism();
  return /^[1-9]\d?$/.test(text) && Number(text) <= 64 ? Number(text) : undefined;
}
