import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { crossCheck } from '../config/cross-check.ts';
import { explain } from '../config/explain.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { type ConfigInput, configSchema } from '../config/schema.ts';
import { type Rendered, readValues } from './chart.ts';
import { refers } from './chart-arguments.ts';
import { configurationOf } from './configuration.ts';
import { yamlOf } from './document.ts';
import { prefix, readEnvironment } from './environment.ts';
import { readFile } from './file.ts';
import { readFlags } from './flags.ts';
import { mayBeUnseen, options } from './options.ts';
import { MigrationReport } from './report.ts';
import { type Given, Settings } from './settings.ts';

/** What `peerproof migrate oauth2-proxy` prints, and how it ends. */
export interface Migration {
  /** YAML, for standard output; empty where there is an error. */
  readonly configuration: string;
  /** Lines for standard error. */
  readonly report: readonly string[];
  /**
   * 0: everything that was given is in the configuration, or need not be. 1: something is not, and the report says what;
   * the configuration is then stricter than oauth2-proxy was, never laxer, or there is none.
   */
  readonly exitCode: 0 | 1;
}

/**
 * Turns settings of oauth2-proxy 7.15 into a configuration of Peerproof. They are read from flags after `--`, from the
 * `OAUTH2_PROXY_…` variables of `env`, from the file of `--cfg`, or, in place of that file, from Helm values (`--values`);
 * they count in this order, as there. No secret is in what it returns.
 * @param args what stands after `migrate oauth2-proxy`
 * @throws the errors of `parseArgs` (ERR_PARSE_ARGS_…) where its own flags are misused
 */
export function migrateOauth2Proxy(args: readonly string[], env: NodeJS.ProcessEnv): Migration {
  const end = args.indexOf('--');
  const own = ownFlags(end < 0 ? args : args.slice(0, end));
  const report = new MigrationReport();
  const settings = settingsOf(own, end < 0 ? [] : args.slice(end + 1), env, report);
  const configuration = report.failed ? undefined : configurationOf(settings, report);
  if (configuration && !report.failed) prove(configuration, report);
  const text = configuration && !report.failed ? yamlOf(configuration, report.denies) : '';
  return {
    configuration: text,
    report: report.linesFor(settings),
    exitCode: report.isWhole(settings) ? 0 : 1,
  };
}

/** Its errors would hold what was written, such as a secret whose flag should have come after `--`. */
function ownFlags(args: readonly string[]): Own {
  try {
    const options = { cfg: { type: 'string' }, values: { type: 'string' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw Object.assign(new Error('only --cfg FILE and --values FILE may stand before --'), { code });
  }
}

interface Own {
  readonly cfg?: string | undefined;
  readonly values?: string | undefined;
}

function settingsOf(
  own: Own,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  report: MigrationReport,
): Settings {
  const fail = (what: string) => report.fail(what);
  const chart = own.values === undefined ? undefined : chartOf(own.values, report);
  if (chart?.file !== undefined && own.cfg !== undefined)
    fail('--cfg and --values exclude each other where the chart writes the file itself');
  if (chart?.elsewhere !== undefined && own.cfg === undefined)
    fail(`--values: ${chart.elsewhere} names the configuration file: give it as --cfg`);
  const flags = readFlags([...(chart?.args ?? []), ...args], fail);
  const settings = new Settings(
    {
      'command line': flags,
      environment: readEnvironment({ ...env, ...chart?.environment }, fail),
      'configuration file': fileOf(own, chart, flags, report),
    },
    chart?.hidden,
  );
  const unseen = new Set([
    ...settings.hidden,
    ...(chart ? [...flags.values].filter(([, value]) => refers(value)).map(([name]) => name) : []),
  ]);
  for (const name of unseen)
    if (!mayBeUnseen(name))
      fail(
        `--${name}: its value is not in the values: give it after --, or as ${prefix}${(options.get(name)?.keys[0] ?? '').toUpperCase()}`,
      );
  return settings;
}

function chartOf(file: string, report: MigrationReport): Rendered | undefined {
  const text = read(file, '--values', report);
  return text === undefined ? undefined : readValues(text, file, report);
}

function fileOf(own: Own, chart: Rendered | undefined, flags: Given, report: MigrationReport): Given {
  const fail = (what: string) => report.fail(what);
  if (chart?.file !== undefined) return readFile(chart.file, `${own.values}: config.configFile`, fail);
  const named = flags.values.get('config');
  const path = own.cfg ?? (typeof named === 'string' && named !== '' ? named : undefined);
  if (path === undefined) return { values: new Map() };
  const text = read(
    path,
    own.cfg === undefined ? '--config, which --cfg can give at another place' : '--cfg',
    report,
  );
  return text === undefined ? { values: new Map() } : readFile(text, path, fail);
}

function read(file: string, what: string, report: MigrationReport): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    report.fail(`${what}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}

/** What a value of oauth2-proxy cannot be here shows now, and not when Peerproof starts. Files are looked at then. */
function prove(configuration: ConfigInput, report: MigrationReport): void {
  const read = configSchema.safeParse(configuration);
  const problems = read.success ? [] : read.error.issues.flatMap((issue) => explain(issue, configJsonSchema));
  for (const [path, message] of problems) report.fail(`${path.join('.')}: ${message}`);
  for (const { path, message } of crossCheck(configuration).findings)
    report.fail(`${path.join('.')}: ${message}`);
}
