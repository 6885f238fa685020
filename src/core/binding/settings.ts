import type { DpopSettings } from './dpop-settings.ts';
import type { WitSettings } from './wit-settings.ts';

/** What proofs need beside the request: one member for each proof that has settings. */
export interface ProofSettings {
  readonly dpop: DpopSettings;
  readonly wit: WitSettings;
}
