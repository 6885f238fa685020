import type { Registry } from 'prom-client';
import { Meter } from './meter.ts';

/** The file of a key that signs internal tokens, or that will. */
export interface SigningFile {
  readonly file: string;
  readonly failure: string | undefined;
}

/** The keys of `identity.token` at one time. */
export interface SigningState {
  readonly files: readonly SigningFile[];
  /** Keys that verifiers get. */
  readonly published: number;
  /** The ID of the key that signs. */
  readonly kid: string;
}

/** Adds the metrics of internal tokens to a registry. There is nothing to read while no tokens are minted. */
export function addSigningMetrics(registry: Registry, state: () => SigningState | undefined): void {
  const meter = new Meter(registry);
  meter.gauges(
    'peerproof_signing_key_up',
    '1 if the last attempt to read a file of `identity.token.keyFiles` succeeded, else 0.',
    'file',
    () => (state()?.files ?? []).map(({ file, failure }) => [file, failure === undefined ? 1 : 0]),
    'min',
  );
  meter.infos('peerproof_signing_key_info', 'The key that signs internal tokens.', ['kid'], () => {
    const known = state();
    return known ? [{ kid: known.kid }] : [];
  });
  meter.gauge(
    'peerproof_signing_keys_published',
    'Keys that verifiers of internal tokens get.',
    () => state()?.published ?? 0,
    'min',
  );
}
