import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { type RefusalReason, reasons } from '../../src/core/reasons.ts';
import { causes } from '../../src/explain/causes.ts';
import { top } from './pages.ts';
import { runbook } from './runbook-steps.ts';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The rule groups of `observability/rules.yaml`. */
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

const rulesFile = new URL('observability/rules.yaml', top);
export const prometheusRuleFile = new URL('observability/prometheus-rule.yaml', top);

export function readRules(): RuleFile {
  return parse(readFileSync(rulesFile, 'utf8')) as RuleFile;
}

/** The same rules as a resource of the Prometheus Operator. */
export function prometheusRule(): string {
  const resource = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      name: 'peerproof',
      namespace: 'peerproof',
      labels: { 'app.kubernetes.io/name': 'peerproof' },
    },
    spec: readRules(),
  };
  return `${header}${stringify(resource, { lineWidth: 0 })}`;
}

const header = `# For:    the rules of rules.yaml for the Prometheus Operator. \`npm run docs\` writes this file.
# Change: rules.yaml, see there. Add the labels that your Prometheus looks for in \`ruleSelector\`.
# Check:  kubectl -n peerproof get prometheusrules
`;

/** A section for each alert, in the order of the rules. @throws if an alert has no steps */
export function alertSections(): string {
  const alerts = readRules().groups.flatMap(({ rules }) => rules.filter(({ alert }) => alert !== undefined));
  return alerts.map((rule) => alertSection(rule)).join('\n\n');
}

function alertSection({ alert = '', for: after, labels }: Rule): string {
  const entry = runbook[alert];
  if (!entry) throw new Error(`tools/docs/runbook-steps.ts: there is no entry for the alert ${alert}`);
  const { means, steps, tune } = entry;
  return [
    `### ${alert}`,
    `Severity ${labels?.severity}${after === undefined ? '' : `, after ${after.replace('m', ' minutes')}`}. ${means}`,
    steps.map((step, index) => `${index + 1}. ${step}`).join('\n'),
    ...(tune === undefined ? [] : [`**Change the threshold:** ${tune}`]),
  ].join('\n\n');
}

/** A section for each reason that an alert can name: outages, bugs, and tokens of other workloads. */
export function reasonSections(): string {
  return Object.keys(reasons).filter(isAlarming).map(reasonSection).join('\n\n');
}

function isAlarming(name: string): name is RefusalReason {
  const { status } = reasons[name as RefusalReason];
  return status >= 500 || name === 'binding_certificate_mismatch' || name === 'binding_workload_mismatch';
}

function reasonSection(name: RefusalReason): string {
  const [cause, remedy] = causes[name];
  return [
    `### ${name}`,
    cause,
    remedy,
    `\`peerproof log --since 1h --reason ${name} --group\` shows the checks by their detail.`,
  ].join('\n\n');
}
