import * as z from 'zod';
import * as field from './fields.ts';

const traces = z
  .strictObject({
    sample: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .describe(
        'The share of the checks without a parent span that get a span, from 0 to 1. For all others, the flag of the parent decides.',
      ),
    maxPerSecond: z
      .int()
      .min(1)
      .default(100)
      .describe(
        'The most spans that each process makes in a second, because any client can set the flag. More are left out and counted (`peerproof_spans_dropped_total`).',
      ),
  })
  .describe('A span for each check that is chosen. Without this setting there are no spans.');

const metrics = z
  .strictObject({
    every: field
      .duration('60s', 'How often the metrics are sent.')
      .refine((every) => every >= 1_000, 'must be at least 1s'),
  })
  .describe('Sends the metrics of `/metrics`. Without this setting they are only served there.');

/** The settings of OpenTelemetry. Each of them applies without a restart. */
export const telemetry = z
  .strictObject({
    endpoint: field
      .urlSuchAs('https://collector.example.com:4318')
      .describe(
        'The base URL of a collector that takes OTLP over HTTP, such as `https://collector.example.com:4318`. Peerproof appends `/v1/traces` and `/v1/metrics`.',
      ),
    headerFiles: z
      .record(field.headerName, field.text)
      .default({})
      .describe(
        'Headers of each export. The key is the name, such as `authorization`, and the value names the file that holds the content.',
      ),
    caFile: field.optional(
      field.text,
      "PEM file of the certificate authorities that are trusted for connections to it. Replaces the system's.",
    ),
    timeout: field
      .duration('10s', 'How long one export may take, with all attempts.')
      .refine((timeout) => timeout > 0, 'must be longer than 0s'),
    serviceName: field.optional(
      field.text,
      'The `service.name` of the resource. Default: `OTEL_SERVICE_NAME` of the environment, otherwise `peerproof`.',
    ),
    resource: z
      .record(z.string(), z.string())
      .default({})
      .describe(
        'More attributes of the resource, such as `deployment.environment.name`. They replace those of `OTEL_RESOURCE_ATTRIBUTES`.',
      ),
    traces: traces.optional(),
    metrics: metrics.optional(),
    allowInsecureHttp: field.flag('Allows plain http to a host other than this machine.'),
  })
  .describe(
    'Sends spans and metrics to an OpenTelemetry collector. Off by default: no part of the SDK is loaded.',
  );
