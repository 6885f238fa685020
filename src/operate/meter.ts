import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** Values at one time, each with the value of its label. */
type Values = () => Iterable<readonly [label: string, value: number]>;
/** How the values of several processes become one. */
type Aggregator = 'sum' | 'max' | 'min';

/** Makes the metrics of a registry. Those with a `read` function are read at each scrape. */
export class Meter {
  readonly registry: Registry;
  readonly #registers: [Registry];

  constructor(registry = new Registry()) {
    this.registry = registry;
    this.#registers = [registry];
  }

  /** Adds the metrics of the process and of Node. */
  addDefaults(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  counter<const Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) {
    return new Counter({ name, help, labelNames, registers: this.#registers });
  }

  count(name: string, help: string, read: () => number): void {
    new Counter({
      ...{ name, help, registers: this.#registers },
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  counts(name: string, help: string, label: string, read: Values): void {
    new Counter({
      ...{ name, help, labelNames: [label], registers: this.#registers },
      collect() {
        this.reset();
        for (const [value, count] of read()) this.inc({ [label]: value }, count);
      },
    });
  }

  gauges(name: string, help: string, label: string, read: Values, aggregator: Aggregator = 'sum'): void {
    new Gauge({
      ...{ name, help, labelNames: [label], registers: this.#registers, aggregator },
      collect() {
        this.reset();
        for (const [value, level] of read()) this.set({ [label]: value }, level);
      },
    });
  }

  /** A gauge that is always 1. What it says stands in its labels. */
  infos<const Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: () => Iterable<Readonly<Record<Label, string>>>,
  ): void {
    new Gauge({
      ...{ name, help, labelNames, registers: this.#registers, aggregator: 'max' as const },
      collect() {
        this.reset();
        for (const labels of read()) this.set(labels, 1);
      },
    });
  }

  gauge(name: string, help: string, read: () => number, aggregator: Aggregator = 'sum'): void {
    new Gauge({
      ...{ name, help, registers: this.#registers, aggregator },
      collect() {
        this.set(read());
      },
    });
  }
}
