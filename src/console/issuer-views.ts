import { type IssuerState, isUp } from '../operate/states.ts';

/** An issuer as the console shows it. Times are in milliseconds since the epoch, ages in seconds. */
export interface IssuerView {
  readonly name: string;
  readonly iss: string;
  readonly isUp: boolean;
  readonly downSince: number | undefined;
  /** Undefined while there are no keys. */
  readonly keyAge: number | undefined;
  readonly maxKeyAge: number | undefined;
  /** Whether it has no keys here, because it is asked about each token. */
  readonly isAsked: boolean;
  readonly failure: string | undefined;
}

/** Those that are down first. */
export function issuerViews(issuers: readonly IssuerState[]): readonly IssuerView[] {
  const views = issuers.map((state) => {
    const { issuer, iss, keys, keyAge, maxKeyAge, asked, failure, failingSince } = state;
    return {
      ...{ name: issuer, iss, keyAge, maxKeyAge },
      isUp: isUp(state),
      downSince: failingSince,
      isAsked: !keys,
      failure: failure ?? asked?.failure,
    };
  });
  return views.toSorted((a, b) => Number(a.isUp) - Number(b.isUp));
}
