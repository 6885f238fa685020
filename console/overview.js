import { showChart } from './chart.js';
import { byId, element, setText } from './elements.js';
import { count, latency, percent, since } from './words.js';

let isTable = false;
let shown;

export function startOverview() {
  const button = byId('chart-table');
  button.addEventListener('click', () => {
    isTable = !isTable;
    button.setAttribute('aria-pressed', String(isTable));
    if (shown) showChart(shown.traffic, isTable);
  });
}

export function showOverview(state) {
  shown = state;
  const { traffic, workers, configuration } = state;
  const processes = workers ? ` (${workers.serving} of ${workers.wanted} processes)` : '';
  setText(byId('state'), state.state + processes);
  byId('state').className = state.state === 'Serving' ? 'good' : 'warn';
  setText(byId('rate'), `${count(traffic.perSecond)} checks a second`);
  setText(byId('refused'), percent(traffic.refusedShare));
  setText(byId('p99'), latency(traffic.p99));
  showIssuersUp(state);
  const file = configuration.file.split('/').at(-1);
  setText(byId('is-of-file'), configuration.isOfFile ? `As in ${file}` : `Differs from ${file}`);
  byId('is-of-file').className = configuration.isOfFile ? 'good' : 'bad';
  showNearestLimit(state);
  showAttention(state);
  showChart(traffic, isTable);
}

function showIssuersUp({ issuers }) {
  const down = issuers.filter(({ isUp }) => !isUp).length;
  setText(byId('issuers-up'), down > 0 ? `${down} of ${issuers.length} down` : `${issuers.length} up`);
  byId('issuers-up').className = down > 0 ? 'bad' : 'good';
}

const limitKinds = { OK: 'good', Near: 'warn', Reached: 'bad' };

/** A full cache is in order: it drops what is old. */
function showNearestLimit({ limits }) {
  const [nearest] = limits
    .filter(({ name, limit }) => limit > 0 && !name.startsWith('Cache'))
    .toSorted((a, b) => b.used / b.limit - a.used / a.limit);
  setText(byId('nearest-limit'), nearest ? `${nearest.name}, ${percent(nearest.used / nearest.limit)}` : '-');
  byId('nearest-limit').className = nearest ? limitKinds[nearest.state] : '';
}

const words = { problem: 'Problem', warning: 'Warning' };
const kinds = { problem: 'bad', warning: 'warn' };

/** Refusals of the file that are listed beside the problem. The section has all. */
const mostRefusals = 3;

function showAttention({ attention, configuration, now }) {
  const list = byId('attention');
  const beginnings = attention.map(
    (one) => words[one.severity] + (one.since ? ` since ${since(one.since, now)}` : ''),
  );
  const refused = configuration.refused.slice(0, mostRefusals);
  const key = JSON.stringify([attention, beginnings, refused]);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  const items = attention.map(({ severity, section, text }, index) =>
    element(
      'li',
      {},
      element('span', { class: kinds[severity] }, `${beginnings[index]}: `),
      `${text} `,
      ...(section === 'configuration' ? refused.map((one) => element('code', {}, `${one} `)) : []),
      ...(section === 'overview' ? [] : [element('a', { href: `#${section}` }, `See ${section}`)]),
    ),
  );
  list.replaceChildren(...(items.length > 0 ? items : [element('li', {}, 'Nothing needs attention')]));
}
