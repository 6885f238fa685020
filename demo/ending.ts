/** Steps that end and remove everything, in reverse order. They run however the demo ends. */
export class Ending {
  readonly #steps: (() => unknown)[] = [];
  #begun = false;

  get begun(): boolean {
    return this.#begun;
  }

  /** A step that is added after the end began, because a start was under way then, runs at once. */
  add(step: () => unknown): void {
    if (this.#begun) void attempt(step);
    else this.#steps.push(step);
  }

  /** Runs every step, even after one that failed: a socket that does not close must not leave a folder behind. */
  async run(): Promise<void> {
    this.#begun = true;
    for (const step of this.#steps.splice(0).reverse()) await attempt(step);
  }
}

async function attempt(step: () => unknown): Promise<void> {
  try {
    await step();
  } catch (error) {
    process.stderr.write(`while ending the demo: ${(error as Error).message}\n`);
  }
}
