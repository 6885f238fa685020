import { bulkheads } from './bulkheads.ts';
import { certificates } from './certificates.ts';
import { conditions } from './conditions.ts';
import { doors } from './doors.ts';
import { resources } from './resources.ts';
import { routes } from './routes.ts';
import { senders } from './senders.ts';
import { statements } from './statements.ts';
import { time } from './time.ts';
import { tokens } from './tokens.ts';
import { transports } from './transports.ts';

/** A text that stands exactly once in a file, and what is put in its place. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** One deliberate weakening of the source. */
export interface Mutation extends Edit {
  readonly name: string;
  /** Where one place alone would weaken nothing. */
  readonly and?: Edit;
  /** Tests beside the corpus, for what no input from outside brings about. */
  readonly also?: readonly string[];
}

/** Mistakes that were made in software of this kind, or nearly. Each must make a case of the corpus fail. */
export const mutations: readonly Mutation[] = [
  ...tokens,
  ...senders,
  ...doors,
  ...bulkheads,
  ...certificates,
  ...conditions,
  ...resources,
  ...routes,
  ...statements,
  ...time,
  ...transports,
];
