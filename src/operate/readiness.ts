import type { Generation } from '../serve/generation.ts';
import type { Readiness } from './admin-server.ts';
import type { EventLoop } from './event-loop.ts';
import type { LifeState } from './lifecycle.ts';
import type { ReloadingState } from './reloading.ts';

/**
 * Whether checks should be sent here, with what an operator wants to know first. An issuer that is down, or a refused
 * configuration, makes nothing unready: other issuers are served, and the configuration before is at work.
 */
export function readinessOf(
  state: LifeState,
  { issuers, bundles }: Generation,
  { version, loadedAt, failure: refused }: ReloadingState,
  loop: EventLoop,
): Readiness {
  const issuerEntries = issuers.map((running) => {
    const { issuer, keys, keyAge, asked, reason, failure } = running.state();
    const known = keys && { keys: keyAge !== undefined, ...seconds(keyAge) };
    return [
      issuer,
      { ...known, ...(asked && { answers: !asked.open }), ...(failure && { reason, failure }) },
    ] as const;
  });
  const bundleEntries = [...bundles.values()].map((running) => {
    const { trustDomain, authorities, age, failure } = running.state();
    const known = { authorities, ...seconds(age) };
    return [trustDomain, { ...known, ...(failure && { reason: 'bundle_unavailable', failure }) }] as const;
  });
  return {
    ready: state === 'serving' && !loop.tooBusy,
    state,
    ...(loop.tooBusy && { too_busy: `work waits ${Math.round(loop.delay.mean * 1000)} ms for its turn` }),
    configuration: {
      version,
      loaded_at: new Date(loadedAt).toISOString(),
      ...(refused && { reason: 'configuration_refused', refused }),
    },
    issuers: Object.fromEntries(issuerEntries),
    ...(bundles.size > 0 && { bundles: Object.fromEntries(bundleEntries) }),
  };
}

function seconds(age: number | undefined): { readonly age_s?: number } {
  return age === undefined ? {} : { age_s: Math.round(age) };
}
