import { type JsonObject, recordOf } from '../lib/json.ts';
import { wrongScheme } from '../sources/https-only.ts';
import type { Warn } from './weakness.ts';

interface Tell {
  readonly say: (path: readonly PropertyKey[], message: string) => void;
  /** Names a file that must be read. */
  readonly want: (path: readonly PropertyKey[], file: unknown) => void;
  readonly warn: Warn;
}

/** Checks the settings of OpenTelemetry against each other. The document may have any shape. */
export function crossCheckTelemetry(root: JsonObject, { say, want, warn }: Tell): void {
  if (root.telemetry === undefined) return;
  const telemetry = recordOf(root.telemetry);
  if (telemetry.traces === undefined && telemetry.metrics === undefined)
    say(['telemetry'], 'sends nothing: set traces, metrics, or both, such as traces: {}');
  const wrong = wrongScheme(telemetry.endpoint, telemetry.allowInsecureHttp);
  if (wrong) say(['telemetry', 'endpoint'], wrong);
  want(['telemetry', 'caFile'], telemetry.caFile);
  for (const [name, file] of Object.entries(recordOf(telemetry.headerFiles)))
    want(['telemetry', 'headerFiles', name], file);
  if (telemetry.allowInsecureHttp === true)
    warn(
      'insecure-setting',
      ['telemetry', 'allowInsecureHttp'],
      'spans, metrics and the content of headerFiles are sent over plain http',
    );
}
