import type { Box } from './boxes.ts';
import type { SeenCaller } from './observation.ts';

/** The parts of a caller that a condition can compare. Scopes are compared in another way. */
export type CallerPart = Exclude<keyof SeenCaller, 'scopes' | 'binding'>;

/** Callers with the same scopes. A box holds the combinations of its lists, and '' stands for what is missing. */
export type CallerBox = Box<CallerPart | 'scopes', SeenCaller>;

/** How a part is written in a condition. */
const fields: Readonly<Record<CallerPart, string>> = {
  issuer: 'token.issuer',
  peer: 'peer.spiffe_id',
  account: 'serviceAccount.name',
  subject: 'token.subject',
  client: 'token.client_id',
  actors: 'token.actors',
  host: 'request.host',
};

/**
 * A condition that is true for the callers of the boxes and no others.
 * @param parts what the rule does not require in another way
 * @param scopes what the rule requires in another way
 */
export function conditionOf(
  boxes: readonly CallerBox[],
  parts: readonly CallerPart[],
  scopes: readonly string[],
): string | undefined {
  const alternatives = boxes.map((box) => [
    ...parts.flatMap((part) => termOf(part, box)),
    ...(box.members[0]?.scopes ?? []).filter((scope) => !scopes.includes(scope)).map(scopeTerm),
  ]);
  if (alternatives.length === 0 || alternatives.some((terms) => terms.length === 0)) return undefined;
  return eitherOf(alternatives.map((terms) => terms.join(' && ')));
}

/** An account and a subject stand for each other, so only a client and a peer can be missing. */
function termOf(part: CallerPart, { lists }: CallerBox): readonly string[] {
  if (part === 'actors') return [anyOf(lists.actors.map(actorsTerm))];
  const present = lists[part].filter((value) => value !== '');
  const canLack = part === 'peer' || part === 'client';
  const lacks = canLack && lists[part].includes('') ? [`!has(${fields[part]})`] : [];
  const has =
    present.length === 0 ? [] : [part === 'account' ? accountsTerm(present) : valuesTerm(part, present)];
  return lacks.length + has.length === 0 ? [] : [anyOf([...lacks, ...has])];
}

function valuesTerm(part: CallerPart, values: readonly string[]): string {
  const [first = ''] = values;
  return values.length === 1
    ? `${fields[part]} == ${quoted(first)}`
    : `${fields[part]} in ${listText(values)}`;
}

/** The whole chain, because each of its actors could do something else with the token. */
function actorsTerm(names: string): string {
  return names === '' ? 'size(token.actors) == 0' : `token.actors == ${names}`;
}

export function accountsTerm(accounts: readonly string[]): string {
  return anyOf(
    accounts.map((account) => {
      const [namespace = '', name = ''] = account.split('/');
      return `serviceAccount.namespace == ${quoted(namespace)} && serviceAccount.name == ${quoted(name)}`;
    }),
  );
}

export function scopeTerm(scope: string): string {
  return `${quoted(scope)} in token.scopes`;
}

/** The form of a list of texts in a condition. */
export function listText(values: readonly string[]): string {
  return `[${values.map(quoted).join(', ')}]`;
}

/** In brackets, so that anything can stand beside it. */
export function anyOf(alternatives: readonly string[]): string {
  return alternatives.length === 1 ? eitherOf(alternatives) : `(${eitherOf(alternatives)})`;
}

export function eitherOf(alternatives: readonly string[]): string {
  if (alternatives.length === 1) return alternatives[0] ?? '';
  return alternatives.map((one) => (one.includes(' && ') ? `(${one})` : one)).join(' || ');
}

/** JSON has the escapes of CEL. The log's reader lets no control character through. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
