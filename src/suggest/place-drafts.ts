import { Document, type Node, visit } from 'yaml';
import type { Amendment } from '../config/amend.ts';
import type { Draft } from './draft.ts';

/** A draft with its name in the configuration. */
export interface NamedDraft extends Draft {
  readonly name: string;
}

/**
 * Gives each draft a name that no rule has: `suggested-<host>-<number>`.
 * @param taken names of rules
 */
export function nameDrafts(drafts: readonly Draft[], taken: Iterable<string>): readonly NamedDraft[] {
  const names = new Set(taken);
  const numbers = new Map<string, number>();
  return drafts.map((draft) => {
    const stem = `suggested-${draft.host.replace(/[^a-z0-9.-]+/g, '-').slice(0, 40)}`;
    let number = (numbers.get(stem) ?? 0) + 1;
    while (names.has(`${stem}-${number}`)) number++;
    numbers.set(stem, number);
    return { ...draft, name: `${stem}-${number}` };
  });
}

/**
 * The changes that put each draft before the rule that takes its requests now, or behind all `rules`. The
 * drafts are in the order of their places. The values become nodes of the document, so no text from a log can
 * be read as YAML.
 */
export function amendmentsOf(drafts: readonly NamedDraft[], end: number): readonly Amendment[] {
  return drafts.map(({ name, rule, before }, at) => ({
    ...{ kind: 'insert', path: ['rules'], index: (before?.index ?? end) + at },
    value: nodeOf({ name, ...rule }),
  }));
}

/** Lists are written on one line. */
function nodeOf(rule: object): Node {
  const node = new Document().createNode(rule);
  visit(node, {
    Seq: (_, list) => {
      list.flow = true;
    },
  });
  return node;
}
