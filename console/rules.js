import { byId, setText } from './elements.js';
import { again, ask } from './server.js';
import { fillRows } from './table.js';
import { count, timeOf } from './words.js';

const number = (value) => ({ text: count(value), kind: 'number' });

export function startRules() {
  const filter = byId('rules-filter');
  const look = async () => show(await ask(`rules?filter=${encodeURIComponent(filter.value)}`));
  byId('rules-form').addEventListener('submit', (event) => {
    event.preventDefault();
    look().catch(() => undefined);
  });
  let waiting;
  filter.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look().catch(() => undefined), 300);
  });
  again(look, 5_000);
}

function show({ rules, matching, reasons }) {
  const rows = rules.map(({ rule, allowed, refused, reason, lastHit }) => [
    rule === '' ? '(no rule)' : rule,
    number(allowed),
    number(refused),
    reason === '' ? '-' : reason,
    lastHit === 0 ? 'Never' : timeOf(lastHit),
  ]);
  fillRows(byId('rules-rows'), rows, 'No rule has this name.');
  const left = matching - rules.length;
  setText(
    byId('rules-count'),
    left > 0 ? `${rules.length} of ${matching} rules are shown.` : `${matching} rules`,
  );
  fillRows(
    byId('reasons-rows'),
    reasons.map(([reason, refusals]) => [reason, number(refusals)]),
    'Nothing was refused.',
  );
}
