import { byId, element } from './elements.js';

const outcomes = {
  passed: ['passed', 'good'],
  stopped: ['stopped here', 'bad'],
  'not reached': ['not reached', 'help'],
};

const people = {
  configuration: 'the people who write the rules',
  caller: 'the caller',
  issuer: 'the issuer of the token',
  proxy: 'the people who run the proxy',
  operator: 'the people who run Peerproof',
};

/** Shows what `explain` says: the answer, each step, and what to do. */
export function showExplanation({ effect, sentence, notes, steps, answer, remedy }) {
  byId('explanation-view').replaceChildren(
    element('p', { class: effect === 'allow' || effect === 'answer' ? 'good' : 'bad' }, sentence),
    ...notes.map((note) => element('p', { class: 'warn' }, `Note: ${note}`)),
    element('ol', { class: 'steps' }, ...steps.map(stepOf)),
    element('p', {}, `The answer to the proxy: ${answer.status}`),
    element('pre', {}, answerText(answer)),
    ...(remedy ? remedyOf(remedy) : []),
  );
}

function stepOf({ name, outcome, lines }) {
  const [words, kind] = outcomes[outcome] ?? [outcome, 'help'];
  const details =
    lines.length > 0 ? [element('ul', {}, ...lines.map((line) => element('li', {}, line)))] : [];
  return element('li', {}, `${name}: `, element('span', { class: kind }, words), ...details);
}

function answerText({ headers, body }) {
  return [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', body.trimEnd()]
    .join('\n')
    .trim();
}

function remedyOf({ cause, todo, who, proposals, obstacle }) {
  const changes = proposals.flatMap((proposal) => [
    element(
      'p',
      {},
      `This change ${proposal.changes.map(({ what }) => what).join(', and ')}. A trial with it allowed the request:`,
    ),
    element('pre', {}, proposal.diff),
    ...proposal.changes.map(({ also }) => element('p', {}, `It would also allow ${also}.`)),
  ]);
  const none = obstacle
    ? `A change that ${obstacle.what} is not enough. The request would then be ${obstacle.leadsTo}`
    : 'No change of the configuration is proposed.';
  return [
    element('h4', {}, 'What to do'),
    element('p', {}, `Usual cause: ${plain(cause)}`),
    element('p', {}, `For ${people[who] ?? who}: ${plain(todo)}`),
    ...(changes.length > 0 ? changes : [element('p', {}, none)]),
  ];
}

/** The texts are written for documents. */
function plain(markdown) {
  return markdown.replaceAll('`', '');
}
