import { type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics';

type Labels = Readonly<Record<string, string | number | undefined>>;

/** One value of a metric, as prom-client reads it. */
export interface ReadValue {
  readonly value: number;
  readonly labels: Labels;
  /** In a histogram: the name of the metric with `_bucket`, `_sum` or `_count` behind it. */
  readonly metricName?: string;
}

/** A metric, as prom-client reads it. */
export interface ReadMetric {
  readonly name: string;
  readonly help: string;
  /** `counter`, `gauge` or `histogram`. The types of prom-client say that it is a number. */
  readonly type: unknown;
  readonly values: readonly ReadValue[];
}

/** The values were counted between these two times. */
export interface CountedPeriod {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

type Form = Pick<MetricData, 'descriptor' | 'aggregationTemporality'>;

/**
 * Turns a metric of prom-client into one of OpenTelemetry, with the same name and values. Its labels become
 * attributes, and its sums count from the start. Undefined for a summary, which OpenTelemetry does not have.
 */
export function metricData(metric: ReadMetric, period: CountedPeriod): MetricData | undefined {
  const { name, help: description, type } = metric;
  const make = Object.hasOwn(kinds, String(type)) ? kinds[String(type)] : undefined;
  return make?.(
    {
      descriptor: { name, description, unit: unitOf(name), valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
    },
    metric,
    period,
  );
}

const kinds: Readonly<Record<string, (form: Form, metric: ReadMetric, period: CountedPeriod) => MetricData>> =
  {
    counter: (form, metric, period) => ({
      ...form,
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints: points(metric, period),
    }),
    gauge: (form, metric, period) => ({
      ...form,
      dataPointType: DataPointType.GAUGE,
      dataPoints: points(metric, period),
    }),
    histogram: (form, metric, period) => ({
      ...form,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: histograms(metric, period),
    }),
  };

function points({ values }: ReadMetric, period: CountedPeriod): DataPoint<number>[] {
  return values.map(({ labels, value }) => ({ ...period, attributes: texts(labels), value }));
}

interface Buckets {
  readonly labels: Labels;
  readonly boundaries: number[];
  /** The count of each bucket alone. */
  readonly counts: number[];
  /** The count of the last bucket and all below it. */
  below: number;
  sum: number;
}

/** prom-client writes a line for each bucket. It counts those below it as well. */
function histograms({ name, values }: ReadMetric, period: CountedPeriod): DataPoint<Histogram>[] {
  const found = new Map<string, Buckets>();
  for (const { labels: all, value, metricName } of values) {
    const { le, ...labels } = all;
    const id = JSON.stringify(Object.entries(labels).sort());
    const buckets = found.get(id) ?? { labels, boundaries: [], counts: [], below: 0, sum: 0 };
    found.set(id, buckets);
    if (metricName === `${name}_sum`) buckets.sum = value;
    if (metricName !== `${name}_bucket`) continue;
    if (le !== '+Inf') buckets.boundaries.push(Number(le));
    buckets.counts.push(value - buckets.below);
    buckets.below = value;
  }
  return [...found.values()].map(({ labels, boundaries, counts, below: count, sum }) => ({
    ...period,
    attributes: texts(labels),
    value: { buckets: { boundaries, counts }, sum, count },
  }));
}

function texts(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}

const units: Readonly<Record<string, string>> = { seconds: 's', bytes: 'By', ratio: '1' };

/** The unit that a name ends with, in the form of UCUM. Empty if there is none. */
function unitOf(name: string): string {
  const last =
    name
      .replace(/_total$/, '')
      .split('_')
      .at(-1) ?? '';
  return (Object.hasOwn(units, last) && units[last]) || '';
}
