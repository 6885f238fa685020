import { readFileSync } from 'node:fs';
import test from 'ava';
import { dashboardFile, dashboardQueries } from '../../tools/docs/dashboard.ts';
import { programTest } from '../support/debian-test.ts';
import { type Expected, promtool, promtoolTests } from './promtool.ts';

const promtoolTest = await programTest('promtool');
/** Grafana puts the time that is shown in its place. */
const inHour = (query: string) => query.replaceAll('$__range', '1h');

interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly refId?: string }[];
}

/** Variables that Grafana sets. */
const builtIn = ['__range'];
const text = readFileSync(dashboardFile, 'utf8');
const { panels } = JSON.parse(text) as { panels: readonly Panel[] };

function queryOf(title: string, index = 0): string {
  const expr = panels.find((panel) => panel.title === title)?.targets?.[index]?.expr;
  if (expr === undefined) throw new Error(`the dashboard has no query ${index} in ${title}`);
  return inHour(expr);
}

/** The questions that the dashboard must answer at once. */
const answers: readonly Expected[] = [
  {
    title: 'which issuer is down, and since when',
    series: {
      'peerproof_issuer_failing_since_timestamp_seconds{instance="a",issuer="corp"}': '1700000000x200',
      'peerproof_issuer_failing_since_timestamp_seconds{instance="b",issuer="corp"}': '1700003600x200',
      'peerproof_issuer_failing_since_timestamp_seconds{instance="a",issuer="file"}': '0x200',
      'peerproof_issuer_info{instance="a",issuer="corp",url="https://login.example.com"}': '1x200',
      'peerproof_issuer_info{instance="b",issuer="corp",url="https://login.example.com"}': '1x200',
      'peerproof_issuer_info{instance="a",issuer="file",url="https://file.example.com"}': '1x200',
    },
    query: queryOf('Issuers that are down, and since when'),
    values: [{ labels: '{issuer="corp",url="https://login.example.com"}', value: 1_700_000_000_000 }],
  },
  {
    title: 'no issuer is down',
    series: {
      'peerproof_issuer_failing_since_timestamp_seconds{instance="a",issuer="corp"}': '0x200',
      'peerproof_issuer_info{instance="a",issuer="corp",url="https://login.example.com"}': '1x200',
    },
    query: queryOf('Issuers that are down, and since when'),
    values: [],
  },
  {
    title: 'which rule refuses most, and why',
    series: {},
    query: queryOf('Rules that refuse most, and why'),
    values: [{ labels: '{rule="orders",reason="token_expired"}', value: 720 }],
  },
  ...[
    ['is that in the files', '0x200', '0x200', 0],
    ['waits for a restart', '0x200', '1x200', 1],
    ['is older than the files, which are refused', '1x200', '0x200', 2],
    ['is older than the files, and waits for a restart', '1x200', '1x200', 2],
  ].map(
    ([title, refused, restart, value]): Expected => ({
      title: `the running configuration ${title}`,
      series: {
        'peerproof_configuration_refused{instance="a"}': `${refused}`,
        'peerproof_configuration_restart_needed{instance="a"}': `${restart}`,
      },
      query: queryOf('Running configuration'),
      values: [{ labels: '{}', value: Number(value) }],
    }),
  ),
  ...[
    ['peerproof_checks_waiting{instance="a",issuer="corp"}', '700x200', 0.7],
    ['peerproof_event_loop_delay_seconds{instance="a",stat="mean"}', '0.5x200', 0.5],
    ['peerproof_issuer_requests_in_flight{instance="a",issuer="corp"}', '48x200', 0.75],
    ['peerproof_jwks_age_seconds{instance="a",issuer="corp"}', '43200x200', 0.5],
  ].map(
    ([name, list, value], index): Expected => ({
      title: `how close the service is to its limits: ${name}`,
      series: {
        'peerproof_issuer_requests_in_flight_limit{instance="a",issuer="corp"}': '64x200',
        [`${name}`]: `${list}`,
      },
      query: queryOf('Nearest to its limit', index),
      values: [{ labels: '{}', value: Number(value) }],
    }),
  ),
  {
    title: 'how many checks fail, if none does',
    series: {},
    query: queryOf('Checks that fail'),
    values: [{ labels: '{}', value: 0 }],
  },
];

promtoolTest('dashboard – Prometheus can read each query', async (t) => {
  const queries = dashboardQueries().map((query, index) => ({
    record: `query_${index}`,
    expr: inHour(query),
  }));
  const said = await promtool(t, 'check rules', { groups: [{ name: 'dashboard', rules: queries }] });
  t.regex(said, new RegExp(`SUCCESS: ${queries.length} rules found`));
});

promtoolTest('dashboard – answers the questions of somebody who was just woken', async (t) => {
  t.regex(await promtool(t, 'test rules', promtoolTests(answers)), /SUCCESS/);
});

test('dashboard – each variable is used, and each that is used exists', (t) => {
  const { templating, ...others } = JSON.parse(text) as { templating: { list: { name: string }[] } };
  const used = [...JSON.stringify(others).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
  const own = used.filter((name) => !builtIn.includes(name ?? ''));
  t.deepEqual(
    [...new Set(own)],
    templating.list.map(({ name }) => name),
  );
});

test('dashboard – each query of a panel has a letter of its own', (t) => {
  for (const { title, targets = [] } of panels)
    t.is(new Set(targets.map(({ refId }) => refId ?? t.fail(title))).size, targets.length, title);
});

test('dashboard – no panel covers another one, and none is too wide', (t) => {
  const taken = new Set<string>();
  for (const { title, gridPos } of panels) {
    t.true(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        t.false(taken.has(`${x} ${y}`), title);
        taken.add(`${x} ${y}`);
      }
  }
});
