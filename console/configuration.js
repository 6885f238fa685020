import { byId, element, fillList, setText } from './elements.js';
import { ask } from './server.js';
import { timeOf } from './words.js';

let shownVersion;

export function showConfiguration({ configuration, versions, openPorts }) {
  const { sentence, isOfFile, refused, file, version, loadedAt } = configuration;
  setText(byId('configuration-sentence'), sentence);
  byId('configuration-sentence').className = isOfFile ? 'good' : 'bad';
  fillList(byId('configuration-refused'), refused);
  fillFacts([
    ['File', file],
    ['Version', version],
    ['In use since', loadedAt === undefined ? '-' : timeOf(loadedAt)],
    ['Peerproof', versions.peerproof],
    ['Node', versions.node],
  ]);
  byId('open-ports').hidden = openPorts.length === 0;
  fillList(byId('open-ports-list'), openPorts);
  if (version !== shownVersion) showText(version);
}

async function showText(version) {
  shownVersion = version;
  const text = byId('configuration-text');
  try {
    const { yaml, left, problem } = await ask('configuration');
    const rest = left > 0 ? `\n… ${left} more characters` : '';
    setText(text, problem ? `The configuration cannot be shown: ${problem}` : yaml + rest);
    if (problem) shownVersion = undefined;
  } catch {
    shownVersion = undefined;
  }
}

function fillFacts(facts) {
  const list = byId('configuration-facts');
  const key = JSON.stringify(facts);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(
    ...facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}
