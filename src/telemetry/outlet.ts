import type { AgentOptions } from 'node:https';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import type { Logger } from 'pino';
import { readBuild } from '../operate/build.ts';
import type { Files } from '../sources/fingerprint.ts';
import { createExportReport, type Signal } from './export-report.ts';
import type { TelemetrySettings } from './settings.ts';

/** What spans and metrics have in common: where they go, and what they are about. */
export interface Outlet {
  /** The options of an exporter of the SDK. It adds headers and compression of `OTEL_EXPORTER_OTLP_*`. */
  readonly optionsOf: (signal: Signal) => ExporterOptions;
  readonly resource: Resource;
  /** The version of Peerproof. */
  readonly version: string;
  /** Milliseconds for one export, with all of its attempts. */
  readonly timeout: number;
  readonly reportOf: (signal: Signal) => (failure: string | undefined) => void;
}

interface ExporterOptions {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly timeoutMillis: number;
  readonly httpAgentOptions: AgentOptions;
}

/** @param node the name of this pod or host */
export function createOutlet(
  settings: TelemetrySettings,
  { files, log, node }: { readonly files: Files; readonly log: Logger; readonly node: string },
): Outlet {
  const { endpoint, headerFiles, caFile, timeout } = settings;
  const { version } = readBuild();
  const ca = caFile === undefined ? undefined : files.get(caFile);
  const headers = Object.entries(headerFiles).map(([name, file]) => [name, files.get(file)?.trim() ?? '']);
  return {
    optionsOf: (signal) => ({
      // The path of the base URL is kept (OTLP Exporter, "Endpoint URLs for OTLP/HTTP").
      url: `${endpoint.replace(/\/+$/, '')}/v1/${signal}`,
      headers: Object.fromEntries(headers) as Record<string, string>,
      timeoutMillis: timeout,
      // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn the check of the certificate off.
      httpAgentOptions: { keepAlive: true, rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    }),
    resource: createResource(settings, version, node),
    version,
    timeout,
    reportOf: (signal) => createExportReport(signal, log),
  };
}

/** The settings are stronger than `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`. */
function createResource(
  { serviceName, resource }: TelemetrySettings,
  version: string,
  node: string,
): Resource {
  const ours = {
    'service.name': 'peerproof',
    'service.version': version,
    'service.instance.id': node,
    'host.name': node,
  };
  return defaultResource()
    .merge(resourceFromAttributes(ours))
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(
      resourceFromAttributes({
        ...resource,
        ...(serviceName !== undefined && { 'service.name': serviceName }),
      }),
    );
}
