import type { Fate } from './option.ts';
import { options } from './options.ts';
import type { Settings } from './settings.ts';

/** How much a line matters, the most severe first. */
export const severities = ['error', 'not carried over', 'warning', 'replaced', 'kept', 'not needed'] as const;

export interface Line {
  readonly severity: (typeof severities)[number];
  /** One line, without control characters. */
  readonly text: string;
}

/** The result for each option, warnings and errors. Holds no secrets. */
export class Report {
  readonly #fates = new Map<string, { readonly fate: Fate; readonly why: string }>();
  readonly #lacks: string[] = [];
  readonly #warnings: string[] = [];
  readonly #errors: string[] = [];
  /** Whether a restriction was lost, so that the rule for tokens denies. */
  denies = false;

  /** These set the result for an option, instead of its row in the table. */
  readonly kept = this.#say('kept');
  readonly replaced = this.#say('replaced');
  readonly unneeded = this.#say('not needed');
  readonly unsupported = this.#say('not supported');

  /** Reports something that could not be carried over and that is not a given option. */
  lack(what: string): void {
    this.#lacks.push(what);
  }

  /** Reports a restriction that cannot be carried over. The rule denies until it is written by hand. */
  refuse(name: string, why: string): void {
    this.unsupported(name, `${why}; until then the rule bearer denies`);
    this.denies = true;
  }

  /** Does the same for something that is not a given option. */
  deny(what: string): void {
    this.lack(`${what}; until then the rule bearer denies`);
    this.denies = true;
  }

  warn(what: string): void {
    this.#warnings.push(what);
  }

  /** Reports an error. With an error, no configuration is written. */
  fail(what: string): void {
    this.#errors.push(what);
  }

  get failed(): boolean {
    return this.#errors.length > 0;
  }

  /** One line per given option, then what could not be carried over, warnings and errors. */
  linesFor(settings: Settings): readonly Line[] {
    const names = [...settings.given.keys()].toSorted();
    const lines: Line[] = [
      ...names.map((name): Line => {
        const { fate, why } = this.#result(name, settings);
        const severity = fate === 'not supported' ? 'not carried over' : fate;
        return { severity, text: `--${name}: ${fate}: ${why}${settings.remark(name)}` };
      }),
      ...this.#lacks.map(as('not carried over')),
      ...this.#warnings.map(as('warning')),
      ...this.#errors.map(as('error')),
    ];
    // Names come from the input. Control characters are replaced, so that one line stays one line.
    return lines.map(({ severity, text }) => ({
      severity,
      text: text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?'),
    }));
  }

  /** Whether every given option is in the configuration, or is not needed. */
  isWhole(settings: Settings): boolean {
    const fates = [...settings.given.keys()].map((name) => this.#result(name, settings).fate);
    return !fates.includes('not supported') && this.#lacks.length === 0 && !this.failed;
  }

  #say(fate: Fate) {
    return (name: string, why: string): void => {
      // What was lost stays lost, whatever a later step says about the rest.
      if (fate !== 'not supported' && this.#fates.get(name)?.fate === 'not supported') return;
      this.#fates.set(name, { fate, why });
    };
  }

  #result(name: string, settings: Settings): { readonly fate: Fate; readonly why: string } {
    const said = this.#fates.get(name);
    if (said) return said;
    const option = options.get(name);
    if (!option) throw new TypeError(`--${name} is not an option`);
    return settings.asks(name) || option.fate === 'not needed'
      ? option
      : { fate: 'not needed', why: 'this value has no effect' };
  }
}

function as(severity: Line['severity']) {
  return (what: string): Line => ({ severity, text: `${severity}: ${what}` });
}
