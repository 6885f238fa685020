import { type JsonObject, listOf, recordOf } from '../lib/json.ts';
import { limitEntries } from './most-entries.ts';
import { options } from './options.ts';
import type { Report } from './report.ts';
import { shown } from './shown.ts';

/** Whether Helm would render a value as a template. oauth2-proxy then gets another text. */
export function isTemplate(value: unknown): boolean {
  return typeof value === 'string' && value.includes('{{');
}

/** Whether a value holds a `$(VARIABLE)`, which Kubernetes replaces. */
export function refers(value: unknown): boolean {
  return /\$\([A-Za-z_]/.test(String(value));
}

/** Whether a template reads a value as true. `byDefault` is the default of the chart; `null` removes it. */
export function isOn(value: unknown, byDefault = false): boolean {
  return value === undefined ? byDefault : Boolean(value);
}

/** The command line of the container, in the order of the chart. The last of two equal flags is used. */
export function renderArguments(values: JsonObject, name: string, report: Report): readonly string[] {
  const config = recordOf(values.config);
  const google = recordOf(config.google);
  const emails = recordOf(values.authenticatedEmailsFile);
  const alpha = isOn(recordOf(values.alphaConfig).enabled);
  return [
    ...(alpha ? ['--alpha-config=alphaConfig'] : addressArguments(values)),
    ...(typeof config.cookieName === 'string' && config.cookieName !== ''
      ? [`--cookie-name=${config.cookieName}`]
      : []),
    ...extraArguments(values.extraArgs, name, report),
    ...(isOn(emails.enabled) ? ['--authenticated-emails-file=accesslist'] : []),
    ...googleArguments(google),
    ...(isOn(recordOf(values.htpasswdFile).enabled) ? ['--htpasswd-file=users.txt'] : []),
  ];
}

function addressArguments(values: JsonObject): readonly string[] {
  return [
    '--http-address=0.0.0.0:4180',
    '--https-address=0.0.0.0:4443',
    ...(isOn(recordOf(values.metrics).enabled, true) ? ['--metrics-address=0.0.0.0:44180'] : []),
  ];
}

/** A mapping is rendered in the order of its keys. A list is used as it is. */
function extraArguments(extra: unknown, name: string, report: Report): readonly string[] {
  if (extra === undefined || extra === null) return [];
  if (Array.isArray(extra)) {
    const texts = extra.filter((arg) => typeof arg === 'string');
    if (texts.length < extra.length) report.fail(`${name}: extraArgs must be a list of strings`);
    return texts;
  }
  if (typeof extra !== 'object') {
    report.fail(`${name}: extraArgs must be a mapping or a list`);
    return [];
  }
  return limitEntries(Object.entries(extra), `${name}: extraArgs`, (what) => report.fail(what))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, value]) => {
      if (value === null) return [`--${key}`];
      if (typeof value === 'object' || isTemplate(value)) {
        const where = `${name}: extraArgs.${shown(key, options.keys())}`;
        report.fail(
          typeof value === 'object'
            ? `${where} must be a string: the chart renders a list or mapping as Go text; write a,b`
            : `${where} holds a template: replace it by the text that Helm renders`,
        );
        return [];
      }
      return [`--${key}=${String(value)}`];
    });
}

function googleArguments(google: JsonObject): readonly string[] {
  const credentials = isOn(google.useApplicationDefaultCredentials)
    ? '--google-use-application-default-credentials=true'
    : google.serviceAccountJson || google.existingSecret
      ? '--google-service-account-json=service-account.json'
      : undefined;
  return [
    ...(google.adminEmail && credentials
      ? [`--google-admin-email=${String(google.adminEmail)}`, credentials]
      : []),
    ...listOf(google.groups).map((group) => `--google-group=${String(group)}`),
  ];
}
