import { byId } from './elements.js';
import { fillRows } from './table.js';
import { amount, percent } from './words.js';

const kinds = { OK: 'good', Near: 'warn', Reached: 'bad' };

export function showLimits({ limits }) {
  const rows = limits.map(({ name, used, limit, unit, state }) => [
    name,
    { text: amount(used, unit) + (limit ? ` (${percent(used / limit)})` : ''), kind: 'number' },
    { text: ofText(limit, unit), kind: 'number' },
    { text: state, kind: kinds[state] },
  ]);
  fillRows(byId('limits-rows'), rows, 'No process has answered yet.');
}

function ofText(limit, unit) {
  if (limit === undefined) return 'no limit';
  return limit === 0 ? 'turned off' : amount(limit, unit);
}
