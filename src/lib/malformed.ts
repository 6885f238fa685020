/** A parser returns this instead of a value if the text is not well formed. Callers turn it into a reason. */
export class Malformed {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}
