import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import * as protoLoader from '@grpc/proto-loader';
import { listen } from './listening.ts';
import { waitFor } from './wait.ts';

/** An attribute as it arrives. */
interface KeyValue {
  key: string;
  value: { stringValue?: string; boolValue?: boolean; intValue?: number };
}

export interface Attributes {
  [name: string]: string | boolean | number | undefined;
}

/** A span that arrived, with IDs in hexadecimal. */
export interface ReceivedSpan {
  name: string;
  kind: string;
  traceId: string;
  spanId: string;
  /** Empty for a root. */
  parentSpanId: string;
  traceState: string;
  /** Milliseconds since the epoch. */
  start: number;
  end: number;
  attributes: Attributes;
  events: { name: string; time: number }[];
  status: { code: string | undefined; message: string | undefined };
  resource: Attributes;
}

/** A metric that arrived, with one entry for each set of attributes. */
export interface ReceivedMetric {
  name: string;
  unit: string;
  kind: 'sum' | 'gauge' | 'histogram';
  temporality: string | undefined;
  isMonotonic: boolean | undefined;
  points: { attributes: Attributes; value: number; buckets?: { bounds: number[]; counts: number[] } }[];
  resource: Attributes;
}

/** How the collector treats an export: it takes it, refuses it, or never answers. */
export type Manner = 'take' | 'refuse' | 'hang';

/** A collector that takes OTLP over HTTP, by the numbers of its fields (`otlp.proto`). */
export interface OtlpCollector {
  readonly port: number;
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Those of the last export. */
  metrics(): ReceivedMetric[];
  /** The path and the headers of each export. */
  readonly requests: { path: string; headers: IncomingHttpHeaders }[];
  manner: Manner;
  /** Waits for spans with this name. */
  spansNamed(name: string, count?: number): Promise<ReceivedSpan[]>;
  stop(): Promise<void>;
}

const definition = protoLoader.loadSync(fileURLToPath(new URL('otlp.proto', import.meta.url)), {
  ...{ longs: Number, enums: String, bytes: Buffer, defaults: false, oneofs: false },
});

// biome-ignore lint/suspicious/noExplicitAny: generated messages, of which the tests read a few members
type Message = any;

function decoder(signal: 'Traces' | 'Metrics'): (body: Buffer) => Message {
  const service = definition[`otlp.${signal}`] as protoLoader.ServiceDefinition;
  return service.Export!.requestDeserialize;
}

const decodeTraces = decoder('Traces');
const decodeMetrics = decoder('Metrics');

/** Listens on a free port, unless one is named. With a certificate it speaks TLS. */
export async function startOtlpCollector(
  at = 0,
  tls?: { readonly certPem: string; readonly keyPem: string },
): Promise<OtlpCollector> {
  const spans: ReceivedSpan[] = [];
  const requests: OtlpCollector['requests'] = [];
  let metrics: ReceivedMetric[] = [];
  const take: Record<string, (body: Buffer) => void> = {
    '/v1/traces': (body) => spans.push(...spansOf(decodeTraces(body))),
    '/v1/metrics': (body) => {
      metrics = metricsOf(decodeMetrics(body));
    },
  };
  const serve = (request: IncomingMessage, response: ServerResponse) => void answer(request, response);
  const server = tls ? createTlsServer({ cert: tls.certPem, key: tls.keyPem }, serve) : createServer(serve);
  const port = await listen(server, at);
  const found: OtlpCollector = {
    ...{ port, url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, spans, requests, manner: 'take' },
    metrics: () => metrics,
    async spansNamed(name, count = 1) {
      const named = () => spans.filter((span) => span.name === name);
      await waitFor(`${count} spans named ${name}`, 10_000, () => named().length >= count);
      return named();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return found;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    requests.push({ path, headers: request.headers });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (found.manner === 'hang') return;
    if (found.manner === 'take') take[path]?.(Buffer.concat(parts));
    response
      .writeHead(found.manner === 'take' ? 200 : 400, { 'content-type': 'application/x-protobuf' })
      .end();
  }
}

function spansOf({ resourceSpans = [] }: Message): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }: Message) =>
    scopeSpans.flatMap(({ spans = [] }: Message) =>
      spans.map((span: Message) => ({
        name: span.name,
        kind: span.kind,
        traceId: span.traceId.toString('hex'),
        spanId: span.spanId.toString('hex'),
        parentSpanId: span.parentSpanId?.toString('hex') ?? '',
        traceState: span.traceState ?? '',
        start: span.startTimeUnixNano / 1e6,
        end: span.endTimeUnixNano / 1e6,
        attributes: attributesOf(span.attributes),
        events: (span.events ?? []).map((event: Message) => ({
          name: event.name,
          time: event.timeUnixNano / 1e6,
        })),
        status: { code: span.status?.code, message: span.status?.message },
        resource: attributesOf(resource?.attributes),
      })),
    ),
  );
}

function metricsOf({ resourceMetrics = [] }: Message): ReceivedMetric[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }: Message) =>
    scopeMetrics.flatMap(({ metrics = [] }: Message) =>
      metrics.map(({ name, unit = '', sum, gauge, histogram }: Message) => {
        const data = sum ?? gauge ?? histogram;
        return {
          name,
          unit,
          kind: sum ? 'sum' : gauge ? 'gauge' : 'histogram',
          temporality: data.aggregationTemporality,
          isMonotonic: data.isMonotonic,
          points: (data.dataPoints ?? []).map((point: Message) => ({
            attributes: attributesOf(point.attributes),
            value: histogram ? point.count : (point.asDouble ?? point.asInt),
            ...(histogram && { buckets: { bounds: point.explicitBounds, counts: point.bucketCounts } }),
          })),
          resource: attributesOf(resource?.attributes),
        };
      }),
    ),
  );
}

function attributesOf(pairs: readonly KeyValue[] = []): Attributes {
  return Object.fromEntries(
    pairs.map(({ key, value }) => [key, value.stringValue ?? value.boolValue ?? value.intValue]),
  );
}
