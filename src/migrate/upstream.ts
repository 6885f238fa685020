import type { Report } from './report.ts';
import type { Mode } from './rules.ts';
import type { Settings } from './settings.ts';

/** How oauth2-proxy is used: by Envoy, by another proxy, or as a proxy itself. */
export interface Upstream {
  readonly mode: Mode;
  /** Whether it forwards requests itself, so that its headers reach an application. */
  readonly forwards: boolean;
}

/** Envoy needs an answer 200 on every path. Without an upstream, only `/oauth2/auth` answers. */
export function migrateUpstream(settings: Settings, report: Report): Upstream {
  const upstreams = settings.list('upstream').filter((url) => url !== 'file:///dev/null');
  const statics = upstreams.filter((url) => /^static:\/\//i.test(url));
  if (statics.length < upstreams.length) {
    report.unsupported(
      'upstream',
      'Peerproof does not forward requests: put Envoy or another proxy in front of the application',
    );
    return { mode: 'envoy', forwards: true };
  }
  if (upstreams.length > 0 && statics.every((url) => statusCode(url) === 200))
    return { mode: 'envoy', forwards: false };
  report.replaced('upstream', 'http.forwardAuth: your proxy asks Peerproof and forwards the request');
  return { mode: 'proxy', forwards: false };
}

/** The status code. oauth2-proxy uses 200 for a text that is not a number. */
function statusCode(url: string): number {
  const code = Number(/^static:\/\/([+-]?\d+)(?:[/?#]|$)/i.exec(url)?.[1]);
  return Number.isNaN(code) ? 200 : code;
}
