import type { Readiness } from './admin-server.ts';
import type { EventLoop } from './event-loop.ts';
import type { LifeState } from './lifecycle.ts';
import type { ConfigurationState, IssuerState, OwnedRules } from './states.ts';

export interface DependencyStates {
  readonly issuers: readonly IssuerState[];
  /** Only trust domains with a bundle. */
  readonly bundles: readonly {
    readonly trustDomain: string;
    readonly authorities: number;
    /** Seconds since it was read or fetched. Undefined while there is none. */
    readonly age: number | undefined;
    readonly failure: string | undefined;
  }[];
  /** Undefined without one. */
  readonly store?: { readonly answered: boolean; readonly failure: string | undefined } | undefined;
}

/** The issuers and bundles that have never answered, and whether the service waits for them. */
export interface Silence {
  readonly missing: readonly string[];
  readonly holdsBack: boolean;
}

/**
 * Whether checks should be sent here, and what an operator needs to know first. An issuer that is down, or a
 * refused configuration, does not make the service unready: other issuers still work, and the previous
 * configuration stays active. Neither do the rules of a team. Only a start can wait for a first answer.
 */
export function summarizeReadiness(
  state: LifeState,
  { issuers, bundles, store }: DependencyStates,
  { version, loadedAt, failure: refused }: ConfigurationState,
  loop: EventLoop,
  { missing, holdsBack }: Silence,
  owners: readonly OwnedRules[],
): Readiness {
  const issuerEntries = issuers.map(({ issuer, keys, keyAge, asked, reason, failure }) => {
    const known = keys && { keys: keyAge !== undefined, ...seconds(keyAge) };
    return [
      issuer,
      {
        ...known,
        ...(asked && { answers: asked.failure === undefined && !asked.open }),
        ...(failure && { reason, failure }),
      },
    ] as const;
  });
  const bundleEntries = bundles.map(({ trustDomain, authorities, age, failure }) => {
    const known = { authorities, ...seconds(age) };
    return [trustDomain, { ...known, ...(failure && { reason: 'bundle_unavailable', failure }) }] as const;
  });
  const ownerEntries = owners
    .filter(({ state }) => state !== 'accepted')
    .map(({ owner, state, rules, failure }) => [owner, { reason: state, rules, failure }] as const);
  const busy = tooBusyText(loop);
  return {
    ready: state === 'serving' && busy === undefined && !holdsBack,
    state,
    ...(busy !== undefined && { too_busy: busy }),
    ...(missing.length > 0 && { never_answered: missing }),
    configuration: {
      version,
      loaded_at: new Date(loadedAt).toISOString(),
      ...(refused && { reason: 'configuration_refused', refused }),
    },
    issuers: Object.fromEntries(issuerEntries),
    ...(bundles.length > 0 && { bundles: Object.fromEntries(bundleEntries) }),
    ...(store && {
      store: {
        answers: store.failure === undefined,
        ...(store.failure && { reason: 'store_unavailable', failure: store.failure }),
      },
    }),
    ...(ownerEntries.length > 0 && { owners: Object.fromEntries(ownerEntries) }),
  };
}

/** Why checks should not be sent here. Undefined if the process is not too busy. */
export function tooBusyText({ tooBusy, delay }: Pick<EventLoop, 'tooBusy' | 'delay'>): string | undefined {
  return tooBusy ? `the event loop is delayed by ${Math.round(delay.mean * 1000)} ms` : undefined;
}

function seconds(age: number | undefined): { readonly age_s?: number } {
  return age === undefined ? {} : { age_s: Math.round(age) };
}
