import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { flagOptions, loadFromFlags } from './config/flags.ts';
import { type LoadedConfig, loadConfig } from './config/load.ts';
import { ConfigError, problemLine } from './config/problem.ts';
import { loadInject } from './inject/load.ts';
import { startInject } from './inject/start.ts';
import { runUntilStopped } from './operate/run.ts';
import { rulesOf } from './serve/policy.ts';
import { serve } from './serve/start.ts';
import { serveWithWorkers } from './workers/primary.ts';
import { reportToPrimary } from './workers/report.ts';
import { takeOver } from './workers/take-over.ts';

const usage = `peerproof: Envoy external authorization that proves a token belongs to the workload that sends it

  peerproof serve [--config FILE] [--workers N|auto]
                                          answers checks until SIGTERM, with so many processes; SIGHUP: reads FILE anew
  peerproof serve --issuer URL --audience A [--trust-domain T] [--client ID=SPIFFE] [--binding B,…]
                                          the simplest case, without a file
  peerproof inject [--config FILE]        on the way out: adds the token of a file, chosen by the host, to requests
  peerproof validate [--inject] [--config FILE]
                                          checks a configuration: every error with file, line and key
  peerproof migrate oauth2-proxy [--cfg FILE] [--values FILE] [-- FLAGS…]
                                          writes the configuration for what oauth2-proxy was told, and says what became of it
  peerproof demo [--keep]                 a real Envoy, an issuer, workloads: what passes, and what does not and why

FILE is peerproof.yaml where --config is left out. Exit codes: 0 good, 1 the answer is no, 2 misuse.
`;

/** One row a command. Each returns the exit code. */
const commands: Record<string, (args: string[]) => Promise<number>> = {
  serve: async (args) => {
    const { values } = parseArgs({
      args,
      options: { config: { type: 'string' }, workers: { type: 'string', default: '1' }, ...flagOptions },
    });
    const size = workersOf(values.workers);
    if (size === undefined) {
      complain('--workers must be a number from 1 to 64, or auto');
      return 2;
    }
    const file = values.config ?? 'peerproof.yaml';
    const load = values.issuer === undefined ? () => loadConfig(file) : () => loadFromFlags(values);
    const reload = { load, files: values.issuer === undefined ? [file] : [] };
    if (cluster.isWorker) return work(reload);
    const loaded = load();
    if (size === 1) return runUntilStopped((log, onDropped) => serve(loaded, { log, onDropped, reload }));
    const crew = { size, exec: process.argv[1] ?? '', args: ['serve', ...args] };
    return runUntilStopped((log, onDropped) => serveWithWorkers(loaded, crew, { log, onDropped }, reload));
  },

  inject: async (args) => {
    const { values } = parseArgs({ args, options: { config: { type: 'string' } } });
    const loaded = loadInject(values.config ?? 'peerproof.yaml');
    return runUntilStopped((log, onDropped) => startInject(loaded, { log, onDropped }));
  },

  validate: async (args) => {
    const { values } = parseArgs({
      args,
      options: { config: { type: 'string' }, inject: { type: 'boolean' } },
    });
    const file = values.config ?? 'peerproof.yaml';
    const { good, warnings, openPorts } = values.inject ? goodInject(file) : goodConfig(file);
    for (const warning of [...warnings, ...openPorts]) print(`${file}: warning: ${warning}`);
    print(`${file}: good: ${good}`);
    return 0;
  },

  migrate: async ([from, ...args]) => {
    if (from !== 'oauth2-proxy') {
      complain('peerproof migrate oauth2-proxy [--cfg FILE] [--values FILE] [-- FLAGS…]');
      return 2;
    }
    const { migrateOauth2Proxy } = await import('./migrate/command.ts');
    const { configuration, report, exitCode } = migrateOauth2Proxy(args, process.env);
    for (const line of report) complain(line);
    process.stdout.write(configuration);
    return exitCode;
  },

  demo: async (args) => {
    const demo = await import(new URL('../demo/main.ts', import.meta.url).href).catch((error) => {
      if (error.code === 'ERR_MODULE_NOT_FOUND' && /demo[/\\]main/.test(error.message)) return undefined;
      throw error;
    });
    if (demo) return demo.main(args);
    complain('the demo is not part of the package: clone the repository, then npm ci && npm run demo');
    return 2;
  },
};

/** @returns the exit code */
export async function main([name = 'help', ...args]: string[]): Promise<number> {
  if (name === 'help' || name === '--help' || name === '-h') {
    print(usage);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    complain(`there is no command ${JSON.stringify(name)}\n\n${usage}`);
    return 2;
  }
  try {
    return await command(args);
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const problem of error.problems) complain(problemLine(problem));
      return 1;
    }
    const misuse = String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
    complain(misuse ? `${(error as Error).message}\n\n${usage}` : String((error as Error).stack ?? error));
    return misuse ? 2 : 1;
  }
}

/** As one of several processes: begins with what the primary hands over, and then follows the files like any other. */
async function work(reload: { readonly load: () => LoadedConfig; readonly files: readonly string[] }) {
  const { loaded, refused } = await takeOver();
  const following = { ...reload, handedOver: { refused } };
  return runUntilStopped((log, onDropped) =>
    serve(loaded, { log, onDropped, reload: following, openAdmin: reportToPrimary }),
  );
}

/** How many processes; undefined: not a number of them. */
function workersOf(text: string): number | undefined {
  if (text === 'auto') return availableParallelism();
  return /^[1-9]\d?$/.test(text) && Number(text) <= 64 ? Number(text) : undefined;
}

function goodConfig(file: string) {
  const { config, warnings, openPorts } = loadConfig(file);
  const good = `${Object.keys(config.issuers).length} issuers, ${rulesOf(config).length} rules`;
  return { good, warnings, openPorts };
}

function goodInject(file: string) {
  const { config, warnings, openPorts } = loadInject(file);
  return { good: `${config.tokens.length} tokens`, warnings, openPorts };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}
