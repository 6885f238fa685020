/** What a parser returns instead of a value: text that is not well formed, and why. Callers turn it into a reason. */
export class Malformed {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}
