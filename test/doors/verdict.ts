import type { ReasonName } from '../../src/core/reasons.ts';
import type { Who } from '../support/identities.ts';
import type { DoorName } from './doors.ts';
import type { TokenName } from './tokens.ts';

type Headers = Readonly<Record<string, string>>;
/** In their order. */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** One request, and what must come of it. */
export interface Verdict {
  readonly name: string;
  /** Whose certificate the connection has. Default: that of `client`. */
  readonly from?: Who | 'nobody';
  readonly token?: TokenName;
  /** In place of `Bearer TOKEN`. */
  readonly authorization?: (token: string) => readonly string[];
  /** GET by default. */
  readonly method?: string;
  /** Default: the host of orders. */
  readonly host?: string;
  /** Sent as it is. */
  readonly path: string;
  readonly headers?: HeaderLines;
  /** The headers in which proxies write a certificate, with that of `client`. */
  readonly forgesCertificate?: true;
  readonly reason: ReasonName;
  /** Identity headers at the application, and no others. Default: none. */
  readonly sees?: Headers;
  /** Doors where something else comes of it, by their names. */
  readonly at?: Partial<Record<DoorName, Otherwise>> | undefined;
}

/** What comes of a request at a door that carries something else than the others do. */
export interface Otherwise {
  readonly why: string;
  readonly reason?: ReasonName;
  readonly sees?: Headers;
  /** The proxy answers with this status, and asks nobody. 0: it closes the connection. */
  readonly refuses?: number;
  /** Over HTTP/2 it resets the stream instead. */
  readonly resetsStream?: true;
}
