import type { TeamHandling } from '../config/teams/handling.ts';
import { withLastGood } from '../config/teams/kept-objects.ts';
import { paced } from '../operate/paced.ts';
import { type KeptRules, keepRules, readKeptRules } from '../sources/rule-cache.ts';

export interface RulesCacheOptions {
  readonly path: string;
  /** Has the objects that are kept, and what is known about them. */
  readonly handling: TeamHandling;
  readonly clock: () => number;
  /** Called after each attempt, for the log. */
  readonly report: (failure: string | undefined) => void;
}

/** Milliseconds between two writes. What a process writes last may be so much older than its end. */
const writeEvery = 5_000;

/** The file in which the objects of teams are kept, for a start without the API server. */
export class RulesCache {
  readonly #options: RulesCacheOptions;
  /** What an earlier process kept. Undefined if there is nothing that can be used, and after `forget`. */
  kept: KeptRules | undefined;
  /** Keeps what is known now. Never rejects. */
  readonly keep: () => Promise<void>;

  constructor(options: RulesCacheOptions) {
    this.#options = options;
    this.keep = paced(() => this.#keep(), writeEvery);
    try {
      this.kept = readKeptRules(options.path);
    } catch (error) {
      options.report(`${options.path} ${(error as Error).message}`);
    }
  }

  /** Call it when the API server has answered, and its objects are at work. */
  forget(): void {
    this.kept = undefined;
  }

  async #keep(): Promise<void> {
    const { path, handling, clock, report } = this.#options;
    const objects = withLastGood(handling.atApiServer.objects, handling.memory);
    try {
      await keepRules(path, { keptAt: clock(), objects });
      report(undefined);
    } catch (error) {
      report(`${path} ${(error as Error).message}`);
    }
  }
}
