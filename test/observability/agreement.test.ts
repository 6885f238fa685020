import { readFileSync } from 'node:fs';
import test from 'ava';
import { parse } from 'yaml';
import { reasons } from '../../src/core/reasons.ts';
import { createPrimaryMetrics } from '../../src/workers/primary.ts';
import { dashboardQueries } from '../../tools/docs/dashboard.ts';
import { anchorOf } from '../../tools/docs/links.ts';
import { serviceRegistry } from '../../tools/docs/metrics.ts';
import { readRules } from '../../tools/docs/runbook.ts';
import { runbook } from '../../tools/docs/runbook-steps.ts';
import { readQuery } from './promql.ts';
import { healthy, scenarios } from './scenarios.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const rules = readRules().groups.flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const anchors = new Set(
  [...read('docs/runbook.md').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading)),
);

/** Prometheus adds these to each series. */
const added = ['instance', 'job'];
const labelsOf = new Map<string, readonly string[]>();
for (const registry of [serviceRegistry(), createPrimaryMetrics(() => undefined).registry])
  for (const metric of registry.getMetricsAsArray()) {
    const {
      name,
      type,
      labelNames = [],
    } = metric as unknown as {
      name: string;
      type: string;
      labelNames?: string[];
    };
    labelsOf.set(name, [...labelNames, ...added]);
    if (type !== 'histogram') continue;
    labelsOf.set(`${name}_bucket`, [...labelNames, ...added, 'le']);
    for (const end of ['sum', 'count']) labelsOf.set(`${name}_${end}`, [...labelNames, ...added]);
  }
// A record has the labels that its expression keeps, and its own.
for (const { record, expr, labels } of rules)
  if (record)
    labelsOf.set(record, [
      ...readQuery(expr).labels.filter((label) => label !== 'le'),
      ...Object.keys(labels ?? {}),
    ]);

/** What a query names, and no series has. */
function strangeIn(query: string): string[] {
  const { selectors, labels } = readQuery(query);
  const known = new Set(selectors.flatMap(({ name }) => labelsOf.get(name) ?? []));
  return [
    ...selectors.filter(({ name }) => !labelsOf.has(name)).map(({ name }) => name),
    ...selectors.flatMap(({ name, labels: own }) =>
      own.filter((label) => !labelsOf.get(name)?.includes(label)).map((label) => `${name}{${label}}`),
    ),
    ...labels.filter((label) => !known.has(label)),
  ];
}

test('observability – this test notices a metric and a label that do not exist', (t) => {
  t.deepEqual(strangeIn('sum by (issuer) (peerproof_questions_total{kind="x"})'), [
    'peerproof_questions_total',
    'peerproof_questions_total{kind}',
    'issuer',
  ]);
  t.deepEqual(strangeIn('sum by (rule) (peerproof_issuer_up{door="x"})'), [
    'peerproof_issuer_up{door}',
    'rule',
  ]);
});

test('observability – each metric and label of the rules exists', (t) => {
  for (const { alert, record = alert, expr } of rules) t.deepEqual(strangeIn(expr), [], record);
});

test('observability – each metric and label of the dashboard exists', (t) => {
  t.true(dashboardQueries().length > 20);
  for (const query of dashboardQueries()) t.deepEqual(strangeIn(query), [], query);
});

test('observability – each series of the scenarios could come from a service', (t) => {
  const series = [healthy, ...scenarios.map((scenario) => scenario.series)].flatMap((one) =>
    Object.keys(one),
  );
  for (const name of series) t.deepEqual(strangeIn(name), [], name);
});

test('observability – the text of an alert names only labels that its series have', (t) => {
  for (const { alert, expr, annotations = {} } of alerts) {
    const { labels, selectors } = readQuery(expr);
    const known = [
      ...labels,
      ...selectors.flatMap(({ name }) => (name.includes(':') ? (labelsOf.get(name) ?? []) : [])),
    ];
    for (const [, label = ''] of JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g))
      t.true(known.includes(label), `${alert}: ${label}`);
  }
});

/** As the rules find it, so that it stands in one place. */
const docs = '{{ with query "peerproof_docs_info" }}{{ . | first | label "url" }}{{ end }}';

test('observability – each alert links to its section of the runbook, and has a severity and texts', (t) => {
  for (const { alert = '', annotations = {}, labels } of alerts) {
    const { summary = '', description = '', runbook_url: url = '' } = annotations;
    t.true(summary.length > 0 && description.length > 0, alert);
    t.is(url, `${docs}/runbook.md#${anchorOf(alert)}`);
    t.true(anchors.has(anchorOf(alert)), alert);
    t.true(['critical', 'warning'].includes(labels?.severity ?? ''), alert);
  }
});

test('observability – no section of the runbook is about an alert that is gone', (t) => {
  t.deepEqual(Object.keys(runbook).sort(), alerts.map(({ alert = '' }) => alert).sort());
});

test('observability – each outage that an alert can name has its section', (t) => {
  for (const [reason, { status }] of Object.entries(reasons))
    if (status >= 500) t.true(anchors.has(reason), reason);
});

test('observability – the monitors find the Service, the pods and the ports of the overlay istio', (t) => {
  const yaml = (path: string) => parse(read(path));
  const service = yaml('kustomize/overlays/istio/service.yaml');
  const pod = yaml('kustomize/overlays/istio/deployment.yaml').spec.template;
  const [serviceMonitor, podMonitor] = ['service', 'pod'].map((kind) =>
    yaml(`observability/${kind}-monitor.yaml`),
  );
  t.like(service.metadata.labels, serviceMonitor.spec.selector.matchLabels);
  t.like(pod.metadata.labels, podMonitor.spec.selector.matchLabels);
  const ports = service.spec.ports.map(({ name }: { name: string }) => name);
  t.true(ports.includes(serviceMonitor.spec.endpoints[0].port));
  t.is(serviceMonitor.metadata.namespace, service.metadata.namespace);
});
