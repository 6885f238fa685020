import type { Fate } from './option.ts';
import { options } from './options.ts';
import type { Settings } from './settings.ts';

/** What became of each option, what is weaker than it should be, and what is wrong. Holds no secret. */
export class MigrationReport {
  readonly #fates = new Map<string, { readonly fate: Fate; readonly why: string }>();
  readonly #lacks: string[] = [];
  #denies = false;
  readonly #warnings: string[] = [];
  readonly #errors: string[] = [];

  /** Says of an option what became of it this time, in place of what its row says. */
  say(name: string, fate: Fate, why: string): void {
    this.#fates.set(name, { fate, why });
  }

  /** Says what no option that was given shows, and what could not be carried over either. */
  lack(what: string): void {
    this.#lacks.push(what);
  }

  /**
   * Says of an option that it keeps callers out and cannot be carried over, so that everybody is kept out until it is
   * written by hand.
   */
  refuse(name: string, why: string): void {
    this.say(name, 'not supported', `${why}; until then the rule bearer denies`);
    this.#denies = true;
  }

  /** The same for what no option shows. */
  deny(what: string): void {
    this.lack(`${what}; until then the rule bearer denies`);
    this.#denies = true;
  }

  /** Whether a restriction was lost, so that nothing may pass by a token. */
  get denies(): boolean {
    return this.#denies;
  }

  warn(what: string): void {
    this.#warnings.push(what);
  }

  /** With an error there is no configuration. */
  fail(what: string): void {
    this.#errors.push(what);
  }

  get failed(): boolean {
    return this.#errors.length > 0;
  }

  /** One line for each option that was given, then what is missing, weak or wrong. */
  linesFor(settings: Settings): readonly string[] {
    const names = [...settings.given.keys()].toSorted();
    const lines = [
      ...names.map((name) => {
        const { fate, why } = this.#fateOf(name, settings);
        return `--${name}: ${fate}: ${why}${settings.remark(name)}`;
      }),
      ...this.#lacks.map((what) => `not carried over: ${what}`),
      ...this.#warnings.map((what) => `warning: ${what}`),
      ...this.#errors.map((what) => `error: ${what}`),
      ...(this.failed ? ['nothing is written before the errors are corrected'] : []),
    ];
    // Names in them are somebody else's text: one line stays one line, and moves no cursor.
    return lines.map((line) => line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?'));
  }

  /** Whether everything that was given is in the configuration, or need not be. */
  isWhole(settings: Settings): boolean {
    const fates = [...settings.given.keys()].map((name) => this.#fateOf(name, settings).fate);
    return !fates.includes('not supported') && this.#lacks.length === 0 && !this.failed;
  }

  #fateOf(name: string, settings: Settings): { readonly fate: Fate; readonly why: string } {
    const said = this.#fates.get(name);
    if (said) return said;
    const option = options.get(name);
    if (!option) throw new TypeError(`--${name} is no option`);
    return settings.asks(name) || option.fate === 'not needed'
      ? option
      : { fate: 'not needed', why: 'with this value it asks for nothing' };
  }
}
