import { type ExportResult, ExportResultCode } from '@opentelemetry/core';

/** As much of an exporter of the SDK as is watched. */
interface Exporting<Items> {
  export(items: Items, done: (result: ExportResult) => void): void;
}

/**
 * Ends each export after `timeout` milliseconds. The exporter itself only notices silence, so a collector that
 * answers byte by byte would hold it for hours. Changes the exporter.
 * @param settled called once for each export, with what went wrong
 */
export function watchExports<Items, Exporter extends Exporting<Items>>(
  exporter: Exporter & Exporting<Items>,
  timeout: number,
  settled: (items: Items, failure: string | undefined) => void,
): Exporter {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) => {
    let isOpen = true;
    const settle = (result: ExportResult) => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(timer);
      settled(items, result.code === ExportResultCode.SUCCESS ? undefined : describe(result.error));
      done(result);
    };
    const late = { code: ExportResultCode.FAILED, error: new Error('the collector did not answer in time') };
    const timer = setTimeout(settle, timeout, late);
    timer.unref();
    send(items, settle);
  };
  return exporter;
}

/** A failed connection to a name with several addresses has no message of its own. */
function describe(error: (Error & { readonly code?: unknown }) | undefined): string {
  return error?.message || String(error?.code ?? 'the export failed');
}
