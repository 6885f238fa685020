import { crossCheck } from '../config/cross-check.ts';
import { explain } from '../config/explain.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { type ConfigInput, configSchema } from '../config/schema.ts';
import { atOnce } from '../lib/in-turns.ts';
import { readApiRules } from './api-rules.ts';
import { type Rendered, readValues } from './chart.ts';
import { refers } from './chart-arguments.ts';
import { checkValues } from './check-values.ts';
import { migrateConfiguration } from './configuration.ts';
import { toYaml } from './document.ts';
import { prefix, readEnvironment } from './environment.ts';
import { readFile } from './file.ts';
import { readFlags } from './flags.ts';
import { readMesh } from './mesh-config.ts';
import { mayBeUnseen, options } from './options.ts';
import { type FolderFlags, type OwnFlags, readOwnFlags } from './own-flags.ts';
import { readInput } from './read-input.ts';
import { Report } from './report.ts';
import { countLines, writeReport } from './report-page.ts';
import { type Given, Settings } from './settings.ts';
import type { Place, Target, TextFile } from './target.ts';
import { targets } from './targets.ts';

/** The output and the exit code of `peerproof migrate oauth2-proxy`. */
export interface Migration {
  /** YAML for standard output. Empty if there is an error, or if a folder is written. */
  readonly configuration: string;
  /** Lines for standard error. */
  readonly report: readonly string[];
  /** What `--for` asks for. Undefined without it, or if there is an error. */
  readonly folder?: { readonly out: string; readonly files: readonly TextFile[] };
  /**
   * 0: every given option is in the configuration, or is not needed. With a folder: tokens pass, and the
   * report names what is stricter. 1: the report names options that could not be carried over. The
   * configuration is then empty, or stricter than that of oauth2-proxy, but never weaker.
   */
  readonly exitCode: 0 | 1;
}

/**
 * Turns settings of oauth2-proxy 7.15 into a configuration of Peerproof. Reads flags after `--`, then the
 * `OAUTH2_PROXY_…` variables of `env`, then the file of `--cfg` or Helm values (`--values`). An earlier
 * source overrides a later one, as in oauth2-proxy. The result holds no secret. Writes **no** file.
 * @param args the arguments after `migrate oauth2-proxy`
 * @throws the errors of `parseArgs` (ERR_PARSE_ARGS_…) if its own flags are wrong
 */
export function migrateOauth2Proxy(args: readonly string[], env: NodeJS.ProcessEnv): Migration {
  const end = args.indexOf('--');
  const own = readOwnFlags(end < 0 ? args : args.slice(0, end));
  const report = new Report();
  const settings = readSettings(own, end < 0 ? [] : args.slice(end + 1), env, report);
  checkValues(settings, report);
  return own.folder ? migrateFolder(own.folder, settings, report) : migrateFile(settings, report);
}

const nothing = 'no configuration was written: correct the errors first';

function migrateFile(settings: Settings, report: Report): Migration {
  const configuration = report.failed ? undefined : migrateConfiguration(settings, report);
  if (configuration && !report.failed) prove(configuration, report);
  const text = configuration && !report.failed ? toYaml(configuration, report.denies) : '';
  const lines = report.linesFor(settings).map((line) => line.text);
  return {
    configuration: text,
    report: report.failed ? [...lines, nothing] : lines,
    exitCode: report.isWhole(settings) ? 0 : 1,
  };
}

/** Standard error has what a reader must know now. The file `report.md` has all of it. */
function migrateFolder(flags: FolderFlags, settings: Settings, report: Report): Migration {
  const target = targets[flags.target];
  const place = choosePlace(flags, target, report);
  const migrated = report.failed ? undefined : migrateConfiguration(settings, report, target);
  const configuration = migrated && target.adapt(migrated, place, report);
  if (configuration && !report.failed) prove(configuration, report);
  const lines = report.linesFor(settings);
  const urgent = lines.filter(({ severity }) => ['not carried over', 'warning', 'error'].includes(severity));
  const told = [...urgent.map(({ text }) => text), `in total: ${countLines(lines)}`];
  if (!configuration || report.failed) return { configuration: '', report: [...told, nothing], exitCode: 1 };
  const text = toYaml(configuration, report.denies, target.comments);
  const files = [
    { path: 'peerproof.yaml', text },
    { path: 'report.md', text: writeReport(lines) },
    ...target.files({ configuration, text }, place),
  ];
  const exitCode = report.denies ? 1 : 0;
  return { configuration: '', report: told, folder: { out: flags.out, files }, exitCode };
}

/** The place that the flags name. An example stands where they name none, and the report says so. */
function choosePlace(flags: FolderFlags, target: Target, report: Report): Place {
  const { image, authorizer } = flags;
  const rulesText = readInput(flags.apiRules, '--apirules', report, mostOfCluster);
  const apiRules =
    rulesText === undefined ? undefined : readApiRules(rulesText, flags.apiRules ?? '', authorizer, report);
  const meshText = readInput(flags.mesh, '--mesh', report);
  const mesh = meshText === undefined ? undefined : readMesh(meshText, report);
  const found = [...flags.namespaces, ...(apiRules ?? []).flatMap(({ asking }) => asking)];
  const named = new Set([...(target.namespaces ?? []), ...found]);
  if (target.envoy && named.size === 0)
    report.warn('--namespace is not given: the applications are taken to be in the namespace applications');
  return { namespaces: named.size > 0 ? [...named] : ['applications'], image, apiRules, authorizer, mesh };
}

/** Kibibytes: a cluster may have thousands of APIRules. */
const mostOfCluster = 16_384;

function readSettings(
  own: OwnFlags,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  report: Report,
): Settings {
  const fail = (what: string) => report.fail(what);
  const chart = own.values === undefined ? undefined : readChart(own.values, report);
  if (chart?.file !== undefined && own.cfg !== undefined)
    fail('--cfg cannot be combined with --values if the chart writes the configuration file itself');
  if (chart?.elsewhere !== undefined && own.cfg === undefined)
    fail(`--values: ${chart.elsewhere} names the configuration file: pass that file with --cfg`);
  const flags = readFlags([...(chart?.args ?? []), ...args], fail);
  const settings = new Settings(
    {
      'command line': flags,
      environment: readEnvironment({ ...env, ...chart?.environment }, fail),
      'configuration file': readConfiguration(own, chart, flags, report),
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
        `--${name}: the chart values do not contain its value: pass it after --, or as ${prefix}${(options.get(name)?.keys[0] ?? '').toUpperCase()}`,
      );
  return settings;
}

function readChart(file: string, report: Report): Rendered | undefined {
  const text = readInput(file, '--values', report);
  return text === undefined ? undefined : readValues(text, file, report);
}

function readConfiguration(own: OwnFlags, chart: Rendered | undefined, flags: Given, report: Report): Given {
  const fail = (what: string) => report.fail(what);
  if (chart?.file !== undefined) return readFile(chart.file, `${own.values}: config.configFile`, fail);
  const named = flags.values.get('config');
  const path = own.cfg ?? (typeof named === 'string' && named !== '' ? named : undefined);
  if (path === undefined) return { values: new Map() };
  const text = readInput(
    path,
    own.cfg === undefined ? '--config (use --cfg if the file is at another path)' : '--cfg',
    report,
  );
  return text === undefined ? { values: new Map() } : readFile(text, path, fail);
}

/** Reports values that Peerproof does not accept now, and not at its start. Does **not** read files. */
function prove(configuration: ConfigInput, report: Report): void {
  const read = configSchema.safeParse(configuration);
  const problems = read.success ? [] : read.error.issues.flatMap((issue) => explain(issue, configJsonSchema));
  for (const [path, message] of problems) report.fail(`${path.join('.')}: ${message}`);
  for (const { path, message } of atOnce(crossCheck(configuration)).findings)
    report.fail(`${path.join('.')}: ${message}`);
}
