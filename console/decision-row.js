import { element } from './elements.js';
import { timeOf } from './words.js';

const verdicts = {
  allow: ['Allowed', 'good'],
  answer: ['Answered', 'good'],
  deny: ['Denied', 'bad'],
  unavailable: ['Unavailable', 'strange'],
  'would-deny': ['Would be denied', 'warn'],
};

/** The rows of one decision: its own, and one with all its fields, which a button opens. */
export function decisionRows(line, explain) {
  const [verdict, kind] = verdicts[verdictOf(line)] ?? [line.effect, 'strange'];
  const open = element('button', { type: 'button', 'aria-expanded': 'false' }, 'Details');
  const more = element('button', { type: 'button' }, 'Explain this');
  const row = element(
    'tr',
    {},
    element('td', { class: 'short' }, timeOf(Date.parse(line.time ?? ''))),
    element('td', { class: `short ${kind}` }, verdict),
    element('td', { class: 'short' }, line.would_deny ?? line.reason),
    element('td', { class: 'short' }, line.rule ?? '-'),
    element('td', {}, requestOf(line)),
    element('td', {}, line.subject ?? line.client_id ?? line.spiffe_id ?? '-'),
    element('td', {}, line.detail ?? '-'),
    element('td', { class: 'short' }, open, ' ', more),
  );
  const details = element('tr', {}, element('td', { colspan: '8' }));
  details.hidden = true;
  open.addEventListener('click', () => {
    details.hidden = !details.hidden;
    open.setAttribute('aria-expanded', String(!details.hidden));
    if (!details.firstChild.firstChild) details.firstChild.append(allFields(line));
  });
  more.addEventListener('click', () => explain(JSON.stringify(line)));
  return [row, details];
}

function verdictOf({ effect, would_deny: wouldDeny }) {
  return effect === 'allow' && wouldDeny !== undefined ? 'would-deny' : effect;
}

function requestOf({ method, host = '', path = '', destination }) {
  return `${method ?? 'tcp'} ${host + path || destination || '-'}`;
}

function allFields(line) {
  return element(
    'dl',
    { class: 'facts' },
    ...Object.entries(line).map(([name, value]) =>
      element(
        'div',
        {},
        element('dt', {}, name),
        element('dd', {}, Array.isArray(value) ? value.join(' ') : String(value)),
      ),
    ),
  );
}
