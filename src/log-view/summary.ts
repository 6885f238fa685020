import type { DecisionLine } from '../decision-lines/decision-line.ts';
import type { Paint } from './paint.ts';

/** What is said about all lines together. */
export interface Summary {
  add(line: DecisionLine): void;
  /** The lines of the summary so far. Can be called any number of times. */
  show(paint: Paint): readonly string[];
}
