import type { MigrationReport } from './report.ts';
import type { Mode } from './routes.ts';
import type { Settings } from './settings.ts';

/** What oauth2-proxy stands for: an answer to Envoy, an answer to a proxy that asks, or a proxy itself. */
export interface Upstream {
  readonly mode: Mode;
  /** It forwards requests itself, so headers for its upstream reach an application. */
  readonly forwards: boolean;
}

/** Told from the upstreams: Envoy lets pass with 200 alone, and without an upstream only `/oauth2/auth` answers. */
export function upstreamOf(settings: Settings, report: MigrationReport): Upstream {
  const upstreams = settings.list('upstream').filter((url) => url !== 'file:///dev/null');
  const statics = upstreams.filter((url) => /^static:\/\//i.test(url));
  if (statics.length < upstreams.length) {
    report.say(
      'upstream',
      'not supported',
      'Peerproof forwards nothing: put Envoy, or a proxy that asks, in front of the application',
    );
    return { mode: 'envoy', forwards: true };
  }
  if (upstreams.length > 0 && statics.every((url) => codeOf(url) === 200))
    return { mode: 'envoy', forwards: false };
  report.say('upstream', 'replaced', 'http.forwardAuth: a proxy asks and forwards');
  return { mode: 'proxy', forwards: false };
}

/** What is no number is 200 to oauth2-proxy. */
function codeOf(url: string): number {
  const code = Number(/^static:\/\/([+-]?\d+)(?:[/?#]|$)/i.exec(url)?.[1]);
  return Number.isNaN(code) ? 200 : code;
}
