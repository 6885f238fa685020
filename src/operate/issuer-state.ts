/** What is known of an issuer's keys at one time. */
export interface IssuerState {
  readonly issuer: string;
  /** Seconds since the keys were fetched; undefined while there are none. */
  readonly keyAge: number | undefined;
  readonly fetches: number;
  readonly failures: number;
  /** What came of asking about tokens (TokenReview, introspection), where that is done. */
  readonly asked?:
    | { readonly asked: number; readonly failures: number; readonly underWay: number; readonly open: boolean }
    | undefined;
  /** Checks that wait for it now, and those that found no place since the start. */
  readonly bulkhead: { readonly waiting: number; readonly refused: number };
  /** Whether signatures are verified here; an issuer that is only asked has no keys. */
  readonly keys: boolean;
  /** The name of what is wrong; empty where nothing is. */
  readonly reason: string;
  /** Why the last attempt failed; undefined after a good one. */
  readonly failure: string | undefined;
}
