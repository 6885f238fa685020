import { byId, drawing, element } from './elements.js';
import { fillRows } from './table.js';
import { count, latency, timeOf } from './words.js';

const [width, height] = [900, 160];
/** The periods that are drawn, in minutes: the shortest one that holds all points. */
const periods = [2, 5, 15];

const counts = [
  ['allow', 'Allowed', ({ allow, seconds }) => allow / seconds],
  ['deny', 'Denied', ({ deny, seconds }) => deny / seconds],
  ['unavailable', 'Unavailable', ({ unavailable, seconds }) => unavailable / seconds],
];
/** Above all bounds means more than five seconds. */
const times = [['p99', '99 % answered within', ({ p99 }) => (p99 === null ? 5_000 : p99)]];

/** Draws up to 15 minutes, or shows them as a table. */
export function showChart({ points }, isTable) {
  const view = byId('chart-view');
  if (isTable) return showTable(view, points);
  const highest = (lines) =>
    Math.max(0, ...points.flatMap((point) => lines.map(([, , read]) => read(point) ?? 0)));
  const [rate, time] = [highest(counts), highest(times)];
  view.replaceChildren(
    plot(points, counts, rate, `Checks a second, at most ${count(rate)}`),
    plot(points, times, time, `Time of an answer, at most ${latency(time)}`),
  );
}

function plot(points, lines, highest, title) {
  const [begin, end] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const minutes = periods.find((one) => end - begin <= one * 60_000) ?? periods.at(-1);
  const x = ({ at }) => width - ((end - at) / (minutes * 60_000)) * width;
  const y = (value) => height - 4 - (value / Math.max(highest, 1e-9)) * (height - 12);
  const paths = lines.map(([kind, , read]) => {
    let isOpen = false;
    const steps = points.map((point) => {
      const value = read(point);
      const at = `${x(point).toFixed(1)} ${y(value).toFixed(1)}`;
      // A point without neighbours is a line without length, which is drawn as a dot.
      const step = value === undefined ? '' : isOpen ? `L${at}` : `M${at}h0`;
      isOpen = value !== undefined;
      return step;
    });
    return drawing('path', { class: `line ${kind}`, d: steps.join('') || 'M0 0' });
  });
  const attributes = { class: 'chart', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none' };
  const label = `${title}, in the last ${minutes} minutes. The table has the numbers.`;
  const axis = [`${minutes} min ago`, 'now'].map((text) => element('span', {}, text));
  return element(
    'div',
    { class: 'plot' },
    element('p', { class: 'help' }, title),
    drawing('svg', { ...attributes, role: 'img', 'aria-label': label }, ...paths),
    element('div', { class: 'axis', 'aria-hidden': 'true' }, ...axis),
    element('ul', { class: 'legend' }, ...lines.map(legendOf)),
  );
}

function legendOf([kind, name]) {
  const line = drawing('line', { class: kind, x1: '0', y1: '5', x2: '40', y2: '5' });
  return element('li', {}, drawing('svg', { viewBox: '0 0 40 10', 'aria-hidden': 'true' }, line), name);
}

const columns = ['Minute', 'Allowed', 'Denied', 'Unavailable', '99 % answered within'];

/** One row a minute, the newest first. */
function showTable(view, points) {
  let body = view.querySelector('tbody');
  if (!body) {
    body = element('tbody');
    const heads = columns.map((name, index) =>
      element('th', { scope: 'col', class: index > 0 ? 'number' : undefined }, name),
    );
    const table = element(
      'table',
      {},
      element('caption', {}, 'Checks by minute, the newest first'),
      element('thead', {}, element('tr', {}, ...heads)),
      body,
    );
    const scroll = { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Checks by minute' };
    view.replaceChildren(element('div', scroll, table));
  }
  const minutes = Map.groupBy(points, ({ at }) => Math.floor((at - 1) / 60_000));
  const sum = (list, name) => list.reduce((all, point) => all + point[name], 0);
  const rows = [...minutes]
    .reverse()
    .map(([minute, list]) => [
      timeOf(minute * 60_000),
      ...['allow', 'deny', 'unavailable'].map((name) => ({ text: count(sum(list, name)), kind: 'number' })),
      { text: latency(slowest(list)), kind: 'number' },
    ]);
  fillRows(body, rows, 'No checks were counted yet.');
}

function slowest(points) {
  const known = points.map(({ p99 }) => p99).filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  return known.includes(null) ? null : Math.max(...known);
}
