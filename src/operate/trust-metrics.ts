import type { Registry } from 'prom-client';
import { Meter } from './meter.ts';
import type { Validity } from './states.ts';

/** The bundle of a trust domain. */
export interface TrustState {
  readonly trustDomain: string;
  readonly failure: string | undefined;
  /** Of each authority. */
  readonly validities: readonly Validity[];
}

/** The certificate that a door presents. */
export interface ServingCertificate extends Validity {
  readonly door: 'grpc' | 'http';
}

/**
 * Adds the metrics of trust bundles and of our own certificates to a registry. A share of the lifetime means
 * the same for a certificate of a day and for an authority of ten years, so one alert covers both.
 */
export function addTrustMetrics(
  registry: Registry,
  bundles: () => readonly TrustState[],
  certificates: () => readonly ServingCertificate[],
  clock: () => number,
): void {
  const meter = new Meter(registry);
  meter.gauges(
    'peerproof_certificate_expiry_timestamp_seconds',
    'When the certificate that a port presents expires.',
    'door',
    () => certificates().map(({ door, notAfter }) => [door, notAfter / 1000]),
    'min',
  );
  meter.gauges(
    'peerproof_certificate_lifetime_remaining_ratio',
    'The share of its lifetime that the certificate of a port still has, from 1 to 0.',
    'door',
    () => certificates().map((one) => [one.door, remaining(one, clock())]),
    'min',
  );
  meter.gauges(
    'peerproof_bundle_up',
    '1 if the last attempt to read or fetch the bundle of a trust domain succeeded, else 0.',
    'trust_domain',
    () => bundles().map(({ trustDomain, failure }) => [trustDomain, failure === undefined ? 1 : 0]),
    'min',
  );
  meter.gauges(
    'peerproof_bundle_authorities',
    'Authorities in the bundle of a trust domain. 0 if it was never read.',
    'trust_domain',
    () => bundles().map(({ trustDomain, validities }) => [trustDomain, validities.length]),
    'min',
  );
  meter.gauges(
    'peerproof_bundle_authority_expiry_timestamp_seconds',
    'When the first authority of a bundle expires. An authority that is being replaced expires in the ordinary way.',
    'trust_domain',
    () =>
      known(bundles()).map(([name, list]) => [
        name,
        Math.min(...list.map(({ notAfter }) => notAfter)) / 1000,
      ]),
    'min',
  );
  meter.gauges(
    'peerproof_bundle_lifetime_remaining_ratio',
    'The share of its lifetime that the newest authority of a bundle still has, from 1 to 0.',
    'trust_domain',
    () => known(bundles()).map(([name, list]) => [name, remaining(newest(list), clock())]),
    'min',
  );
}

type Authorities = readonly [Validity, ...Validity[]];

function known(bundles: readonly TrustState[]): (readonly [trustDomain: string, list: Authorities])[] {
  return bundles.flatMap(({ trustDomain, validities: [first, ...others] }) =>
    first ? [[trustDomain, [first, ...others]] as const] : [],
  );
}

function newest(list: Authorities): Validity {
  return list.reduce((one, other) => (other.notAfter > one.notAfter ? other : one));
}

function remaining({ notBefore, notAfter }: Validity, now: number): number {
  return Math.min(1, Math.max(0, (notAfter - now) / Math.max(1, notAfter - notBefore)));
}
