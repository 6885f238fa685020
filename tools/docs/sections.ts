import { toJsonSchema } from '../../src/config/json-schema.ts';
import { configSchema } from '../../src/config/schema.ts';
import { presets } from '../../src/core/identity/presets.ts';
import { reasons } from '../../src/core/reasons.ts';
import { causes } from '../../src/explain/causes.ts';
import { injectReasons } from '../../src/inject/reasons.ts';
import { injectSchema } from '../../src/inject/schema.ts';
import { policyTestSchema } from '../../src/policy-test/schema.ts';
import { commandPages, exitCodeRows } from './commands.ts';
import { bypassTable, doorTable, verdictTable } from './doors.ts';
import { hostileTable } from './hostile.ts';
import { lintRows } from './lints.ts';
import { eventRows, fieldRows, injectFieldRows } from './log.ts';
import { injectMetricRows, metricRows, workerMetricRows } from './metrics.ts';
import { deliberateDifferences } from './oauth2-proxy.ts';
import { proofAttackTable } from './proof-attacks.ts';
import { clientSections, proofSections, proofTable } from './proofs.ts';
import { alertSections, reasonSections } from './runbook.ts';
import { settingRows, withMappings } from './settings.ts';
import { table } from './table.ts';

const settingsHead = ['setting', 'default', 'what it does'];
const metricsHead = ['metric', 'type', 'labels', 'what it says'];
const fieldsHead = ['field', 'what it says'];

/** Every generated section, by its name. */
export const sections: Readonly<Record<string, () => string>> = {
  reasons: () =>
    table(
      ['reason', 'status', 'OAuth `error`', 'text for the caller'],
      Object.entries(reasons).map(([name, { status, error, text }]) => [
        `\`${name}\``,
        `${status}`,
        error && `\`${error}\``,
        text,
      ]),
    ),
  'inject-reasons': () =>
    table(
      ['reason', 'status', 'text'],
      Object.entries(injectReasons).map(([name, { status, text }]) => [`\`${name}\``, `${status}`, text]),
    ),
  causes: () =>
    table(
      ['reason', 'cause', 'what to do'],
      Object.keys(reasons)
        .filter(isCaused)
        .map((name) => [`\`${name}\``, ...causes[name]]),
    ),
  headers: () =>
    table(
      ['header', 'value'],
      Object.entries(presets.standard).map(([name, { from }]) => [`\`${name}\``, from]),
    ),
  'headers-oauth2-proxy': () =>
    table(
      ['header', 'value'],
      Object.entries(presets['oauth2-proxy'])
        .filter(([name]) => !Object.hasOwn(presets.standard, name))
        .map(([name, { from }]) => [`\`${name}\``, from]),
    ),
  hostile: () => hostileTable(),
  'proof-attacks': proofAttackTable,
  doors: doorTable,
  verdicts: verdictTable,
  bypasses: bypassTable,
  'oauth2-proxy': () => deliberateDifferences(),
  inject: () =>
    table(
      settingsHead,
      settingRows(toJsonSchema(injectSchema)).filter(([name]) =>
        /^`(?:listen|hosts|tokens|allow)/.test(name ?? ''),
      ),
    ),
  settings: () => table(settingsHead, settingRows(toJsonSchema(configSchema))),
  'policy-tests': () =>
    table(
      ['key', 'default', 'what it does'],
      // A sender in a test has the keys of one in `callers`.
      settingRows(withMappings(toJsonSchema(policyTestSchema))).filter(
        ([name]) => !/\.from\.(?:peer|token)/.test(name ?? ''),
      ),
    ),
  commands: () => commandPages(),
  'exit-codes': () => table(['command', 'exit code', 'what it says'], exitCodeRows()),
  proofs: proofTable,
  'proof-sections': proofSections,
  'client-pictures': clientSections,
  lints: () => table(['check', 'severity', 'what is wrong', 'what to do'], lintRows()),
  metrics: () => table(metricsHead, metricRows()),
  'metrics-workers': () => table(metricsHead, workerMetricRows()),
  'metrics-inject': () => table(metricsHead, injectMetricRows()),
  'runbook-alerts': alertSections,
  'runbook-reasons': reasonSections,
  'log-fields': () => table([...fieldsHead, 'with `format: ecs`'], fieldRows()),
  'log-fields-inject': () => table(fieldsHead, injectFieldRows()),
  'log-events': () => table(['event', 'level', 'what happened'], eventRows()),
};

const marked = /(<!-- generated: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The text of a page with each generated section as the source has it. @throws where a mark names none */
export function withSections(text: string, path: string): string {
  return text.replace(marked, (_, open: string, name: string, close: string) => {
    const write = sections[name];
    if (!write) throw new Error(`${path}: there is no generated section "${name}"`);
    return `${open}${write()}\n${close}`;
  });
}

function isCaused(name: string): name is keyof typeof causes {
  return Object.hasOwn(causes, name);
}
