import { type Panel, rows } from './dashboard-panels.ts';
import { top } from './pages.ts';

export const dashboardFile = new URL('observability/dashboard.json', top);

/** Each query of the dashboard. */
export function dashboardQueries(): readonly string[] {
  return Object.values(rows).flatMap((panels) => panels.flatMap(({ show }) => Object.values(show)));
}

/** The dashboard as Grafana imports it. */
export function dashboard(): string {
  const panels: object[] = [];
  let y = 0;
  for (const [title, list] of Object.entries(rows)) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: 24, h: 1 },
    });
    const height = title === 'At a glance' ? 5 : 8;
    let x = 0;
    for (const panel of list) {
      if (x + panel.width > 24) {
        x = 0;
        y += height;
      }
      panels.push({ id: panels.length + 1, ...grafanaPanel(panel, { x, y, w: panel.width, h: height }) });
      x += panel.width;
    }
    y += height;
  }
  const document = {
    title: 'Peerproof',
    uid: 'peerproof',
    tags: ['peerproof'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' }],
    },
    panels,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const source = { type: 'prometheus', uid: '$' + '{datasource}' };

function grafanaPanel(panel: Panel, gridPos: object): object {
  const { title, says, type, show, unit = 'none', red, low, texts } = panel;
  const steps =
    red === undefined
      ? [{ color: 'green', value: null }]
      : [
          { color: low ? 'red' : 'green', value: null },
          { color: low ? 'green' : 'red', value: red },
        ];
  const isTable = type === 'table';
  return {
    ...{ title, description: says, type, datasource: source, gridPos },
    fieldConfig: {
      defaults: {
        ...{ unit, thresholds: { mode: 'absolute', steps } },
        ...(type === 'gauge' && { min: 0, max: 1 }),
        ...(texts && { mappings: [{ type: 'value', options: valueTexts(texts) }] }),
      },
      overrides: [],
    },
    options: optionsOf[type],
    targets: Object.entries(show).map(([legendFormat, expr], index) => ({
      ...{ refId: 'ABCD'[index], datasource: source, expr, legendFormat },
      ...(type === 'timeseries' ? { range: true } : { instant: true }),
      ...(isTable && { format: 'table' }),
    })),
    ...(isTable && { transformations: [withoutTime(Object.keys(show)[0] ?? '')] }),
  };
}

function valueTexts(texts: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(texts).map(([value, text], index) => [value, { text, index }]));
}

/** The time of an instant query is that of the look. The value gets a name. */
function withoutTime(value: string): object {
  return { id: 'organize', options: { excludeByName: { Time: true }, renameByName: { Value: value } } };
}

const reduced = { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } };
const optionsOf: Readonly<Record<Panel['type'], object>> = {
  stat: { ...reduced, colorMode: 'background', graphMode: 'none', textMode: 'value_and_name' },
  gauge: { ...reduced, showThresholdMarkers: true },
  timeseries: {
    legend: { displayMode: 'list', placement: 'bottom' },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  table: { showHeader: true },
};
