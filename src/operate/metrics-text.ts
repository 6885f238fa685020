import { setImmediate } from 'node:timers/promises';
import { type Metric, Registry } from 'prom-client';

/** Series that are written in one turn of the event loop: about 2 ms of work. */
const atOnce = 500;

interface Values {
  readonly values: readonly object[];
}

/** A metric as a registry keeps it. The types of prom-client leave out how it is read. */
interface Kept {
  readonly name: string;
  get(): Promise<Values>;
  /** Only histograms have it. */
  getForPromString?(): Promise<Values>;
}

/**
 * The text of all metrics, as `registry.metrics()` gives it. That writes all series in one piece, and checks wait
 * meanwhile: 100 ms and more for 10,000 rules that were all used. Here checks are answered in between. The values of
 * one metric are of one moment. Those of two metrics can be of two. Does **not** write OpenMetrics.
 */
export async function metricsText(registry: Pick<Registry, 'getMetricsAsArray'>): Promise<string> {
  const texts: string[] = [];
  for (const metric of registry.getMetricsAsArray()) texts.push(await textOf(metric as unknown as Kept));
  return `${texts.join('\n\n')}\n`;
}

/** The same as a page. */
export function metricsPage(registry: Registry): Pick<Registry, 'contentType' | 'metrics'> {
  return { contentType: registry.contentType, metrics: () => metricsText(registry) };
}

async function textOf(metric: Kept): Promise<string> {
  const all = await (metric.getForPromString?.() ?? metric.get());
  const pieces: string[] = [];
  for (let from = 0; from < Math.max(1, all.values.length); from += atOnce) {
    if (from > 0) await setImmediate();
    const text = await write(metric.name, { ...all, values: all.values.slice(from, from + atOnce) });
    pieces.push(from === 0 ? text : withoutHead(text));
  }
  return pieces.join('\n');
}

async function write(name: string, values: Values): Promise<string> {
  const alone = new Registry();
  const metric: Kept = { name, get: async () => values };
  alone.registerMetric(metric as unknown as Metric);
  return (await alone.metrics()).slice(0, -1);
}

/** Without the lines HELP and TYPE, which stand once for each metric. */
function withoutHead(text: string): string {
  return text.slice(text.indexOf('\n', text.indexOf('\n') + 1) + 1);
}
