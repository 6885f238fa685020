import { parseDocument } from 'yaml';
import { isRecord, type JsonObject, listOf, recordOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { isOn, isTemplate, refers, renderArguments } from './chart-arguments.ts';
import { optionOfVariable, prefix } from './environment.ts';
import { limitEntries } from './most-entries.ts';
import type { Report } from './report.ts';
import { shown } from './shown.ts';

/** The result of rendering the oauth2-proxy chart, as far as it decides what oauth2-proxy does. */
export interface Rendered {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Options whose values are outside the chart values, such as in a Secret. */
  readonly hidden: ReadonlySet<string>;
  /** The configuration file (TOML). Undefined if there is none, or if it is somewhere else. */
  readonly file: string | undefined;
  /** The chart value that names the file, if it is somewhere else. */
  readonly elsewhere: string | undefined;
}

/** Values of charts up to 10 that only shape Kubernetes objects. `deciding` are the others. */
const others = new Set(
  `affinity autoscaling checkDeprecation containerPort customLabels deploymentAnnotations deploymentLabels
  enableServiceLinks extraContainers extraInitContainers extraObjects extraVolumeMounts extraVolumes gatewayApi global
  hostAlias hostAliases httpScheme imagePullSecrets ingress initContainers kubeVersion lifecycle livenessProbe namespaceOverride
  networkPolicy nodeSelector podAnnotations podDisruptionBudget podLabels podSecurityContext priorityClassName
  readinessProbe redis redis-ha replicaCount resizePolicy resources revisionHistoryLimit securityContext service
  serviceAccount strategy terminationGracePeriodSeconds tolerations topologySpreadConstraints fullnameOverride
  nameOverride`.split(/\s+/),
);
const deciding = new Set(
  'alphaConfig authenticatedEmailsFile config envFrom extraArgs extraEnv htpasswdFile image metrics proxyVarsAsSecrets sessionStorage'.split(
    ' ',
  ),
);

/**
 * Reads values of the oauth2-proxy Helm chart. Returns the command line, the environment and the
 * configuration file of the container. Does **not** render templates. Errors name keys and never values,
 * because values may be secrets.
 */
export function readValues(text: string, name: string, report: Report): Rendered {
  const values = parseValues(text, name, report);
  const fail = (what: string) => report.fail(what);
  for (const key of limitEntries(Object.keys(values), name, fail))
    if (!deciding.has(key) && !others.has(key))
      report.fail(
        `${name}: ${shown(key, [...deciding, ...others, 'oauth2-proxy'])} is not a value of the oauth2-proxy chart`,
      );
  const { environment, hidden } = renderEnvironment(values, name, report);
  checkImage(recordOf(values.image), name, report);
  const file = renderFile(values, name, report);
  return { args: renderArguments(values, name, report), environment, hidden, ...file };
}

/** Reads YAML 1.1, as Helm does. */
function parseValues(text: string, name: string, report: Report): JsonObject {
  try {
    const document = parseDocument(text, { version: '1.1', prettyErrors: false });
    const values: unknown =
      document.errors.length > 0 ? undefined : (document.toJS({ maxAliasCount: 100 }) ?? {});
    if (isRecord(values)) {
      if (!('apiVersion' in values && 'kind' in values)) return values;
      report.fail(
        `${name}: is an object of Kubernetes: pass the values in it, as helm get values shows them`,
      );
      return {};
    }
  } catch {
    // An unknown alias, too many aliases, or a text that is nested too deeply.
  }
  report.fail(`${name}: must be YAML with the values of the chart`);
  return {};
}

const secrets = { 'client-id': 'clientID', 'client-secret': 'clientSecret', 'cookie-secret': 'cookieSecret' };

function renderEnvironment(values: JsonObject, name: string, report: Report) {
  const environment: Record<string, string> = {};
  const hidden = new Set<string>();
  const set = (variable: string, value: unknown, where: string) => {
    const option = optionOfVariable(variable);
    if (option instanceof Malformed) report.fail(`${name}: ${where}: ${option.why}`);
    if (typeof option !== 'string') return;
    delete environment[variable];
    hidden.delete(option);
    if (value === undefined || isTemplate(value) || refers(value)) hidden.add(option);
    else environment[variable] = String(value);
  };
  const config = recordOf(values.config);
  const required = Array.isArray(config.requiredSecretKeys)
    ? config.requiredSecretKeys
    : Object.keys(secrets);
  if (isOn(values.proxyVarsAsSecrets, true))
    for (const [option, key] of Object.entries(secrets))
      if (required.includes(option) && (config.existingSecret || config[key] !== undefined))
        set(
          `${prefix}${option.toUpperCase().replace('-', '_')}`,
          config.existingSecret ? undefined : config[key],
          `config.${key}`,
        );
  if (recordOf(values.sessionStorage).type === 'redis')
    set(`${prefix}SESSION_STORE_TYPE`, 'redis', 'sessionStorage.type');
  const extra = limitEntries(listOf(values.extraEnv), `${name}: extraEnv`, (what) => report.fail(what));
  for (const [at, entry] of extra.entries()) {
    const { name: variable, value } = recordOf(entry);
    if (typeof variable === 'string') set(variable, value, `extraEnv[${at}]`);
    else report.fail(`${name}: extraEnv[${at}] needs a name`);
  }
  if (listOf(values.envFrom).length > 0)
    report.deny(
      `${name}: envFrom: its variables are not in the values, and could restrict who may pass: remove it from the values, and set its ${prefix}… variables in the environment`,
    );
  return { environment, hidden };
}

function checkImage({ tag, command }: JsonObject, name: string, report: Report): void {
  if (tag !== undefined && tag !== '' && !/^v?7\.15(?:\.|-|$)/.test(String(tag)))
    report.warn(`${name}: image.tag is not 7.15, but the options are read as those of 7.15`);
  if (listOf(command).length > 0)
    report.fail(`${name}: image.command must be removed: it starts another program than oauth2-proxy`);
}

function renderFile(values: JsonObject, name: string, report: Report): Pick<Rendered, 'file' | 'elsewhere'> {
  const config = recordOf(values.config);
  if (config.existingConfig) return { file: undefined, elsewhere: 'config.existingConfig' };
  if (isTemplate(config.configFile))
    report.fail(`${name}: config.configFile holds a template: replace it by the text that Helm renders`);
  if (typeof config.configFile === 'string' && config.configFile !== '')
    return { file: config.configFile, elsewhere: undefined };
  if (config.configFile) report.fail(`${name}: config.configFile must be a string`);
  if (!isOn(config.forceLegacyConfig, true)) return { file: undefined, elsewhere: undefined };
  // The file that the chart writes by default. JSON lists of strings are also TOML.
  const file = [
    `email_domains = ${JSON.stringify(config.emailDomains === undefined ? ['*'] : config.emailDomains)}`,
    `upstreams = ${JSON.stringify(config.upstreams === undefined ? ['file:///dev/null'] : config.upstreams)}`,
  ].join('\n');
  return { file, elsewhere: undefined };
}
