import { styleText } from 'node:util';
import { visible, visibleStart } from '../lib/visible.ts';
import { harmless } from '../operate/json-line.ts';
import type { Explanation } from './explanation.ts';
import { internalTokenLine } from './internal-token.ts';
import type { Proposal } from './proposals.ts';
import type { Remedy } from './remedies.ts';
import type { Step } from './step.ts';

type Color = 'bold' | 'green' | 'red' | 'yellow' | 'dim' | 'cyan';
type Paint = (color: Color, text: string) => string;

/**
 * An explanation for a terminal: the answer, each step, and what to do. Whatever was sent or configured
 * appears only as text that a terminal does not obey.
 */
export function reportText(explanation: Explanation, colored: boolean): string {
  const paint: Paint = (color, text) => (colored ? styleText(color, text, { validateStream: false }) : text);
  const { told, sentence, steps, answer, internalToken, notes, remedy } = explanation;
  const color = told.effect === 'allow' || told.effect === 'answer' ? 'green' : 'red';
  const lines = [paint(color, visibleStart(sentence)), ''];
  for (const note of notes) lines.push(paint('yellow', `note: ${visibleStart(note)}`));
  if (notes.length > 0) lines.push('');
  for (const step of steps) lines.push(...stepLines(step, paint));
  lines.push(`${paint('bold', 'answer')}: ${answer.status}`);
  for (const [name, value] of answer.headers) lines.push(`  ${visibleStart(`${name}: ${value}`)}`);
  if (internalToken) lines.push(`  ${visibleStart(internalTokenLine(internalToken))}`);
  if (answer.body !== '') lines.push(`  ${visibleStart(answer.body.trimEnd())}`);
  if (remedy) lines.push('', ...remedyLines(remedy, paint));
  return lines.join('\n');
}

/** The same for programs: one line of JSON. */
export function reportJson({
  told,
  sentence,
  steps,
  answer,
  internalToken,
  notes,
  remedy,
}: Explanation): string {
  const { effect, reason, detail, rule } = told;
  const { proposals, ...words } = remedy ?? {};
  return harmless(
    JSON.stringify({
      ...{ effect, reason, detail, rule, sentence, notes, steps },
      answer: { ...answer, headers: Object.fromEntries(answer.headers) },
      ...(internalToken && { internal_token: internalToken }),
      ...(remedy && {
        remedy: {
          ...words,
          proposals: proposals?.found.map(({ diff, changes }) => ({ diff, changes })),
          obstacle: proposals?.obstacle,
        },
      }),
    }),
  );
}

const marks = { passed: 'passed', stopped: 'stopped here', 'not reached': 'not reached' } as const;
const colors = { passed: 'green', stopped: 'red', 'not reached': 'dim' } as const;

function stepLines({ name, outcome, lines }: Step, paint: Paint): readonly string[] {
  return [
    `${paint('bold', name)}: ${paint(colors[outcome], marks[outcome])}`,
    ...lines.map((line) => `  ${visibleStart(line)}`),
  ];
}

const people: Readonly<Record<Remedy['who'], string>> = {
  configuration: 'the people who write the rules',
  caller: 'the caller',
  issuer: 'the issuer of the token',
  proxy: 'the people who run the proxy',
  operator: 'the people who run Peerproof',
};

function remedyLines({ cause, todo, who, proposals }: NonNullable<Explanation['remedy']>, paint: Paint) {
  const lines = [
    paint('bold', 'what to do'),
    `  usual cause: ${plain(cause)}`,
    `  for ${people[who]}: ${plain(todo)}`,
  ];
  for (const [index, proposal] of proposals.found.entries())
    lines.push('', ...proposalLines(proposal, index === 0 ? 'This change' : 'Or this change', paint));
  const { obstacle } = proposals;
  if (obstacle)
    lines.push(
      '',
      `  A change that ${visibleStart(obstacle.what)} is not enough. The request would then be ${visibleStart(obstacle.leadsTo)}`,
    );
  else if (proposals.found.length === 0) lines.push('  No change of the configuration is proposed.');
  return lines;
}

function proposalLines({ diff, changes }: Proposal, subject: string, paint: Paint): readonly string[] {
  const what = changes.map((one) => one.what).join(', and ');
  return [
    `  ${subject} ${visibleStart(what)}. A trial with it allowed the request:`,
    '',
    ...diff
      .trimEnd()
      .split('\n')
      .map((line) => paintDiff(visible(line), paint)),
    '',
    ...changes.map(({ also }) => `  It would also allow ${visibleStart(also)}.`),
  ];
}

function paintDiff(line: string, paint: Paint): string {
  const color = line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : undefined;
  return color ? paint(color, line) : line;
}

/** The texts are written for documents. */
function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}
