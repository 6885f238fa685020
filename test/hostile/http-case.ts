import type { ReasonName } from '../../src/core/reasons.ts';
import type { HeaderLines, Seen } from './case.ts';
import type { Fixture } from './fixture.ts';

/** How the HTTP door is set up: see `http-world.ts`. */
export type Setup =
  | 'check'
  | 'direct'
  | 'sidecar'
  | 'nginx'
  | 'ingress'
  | 'caddy'
  | 'foreign'
  | 'owned'
  | 'owned-sidecar'
  | 'owned-none';

/** A request to the HTTP door, from a proxy or a client that imitates one. */
export interface HttpInput {
  readonly method?: string;
  /** Sent as it is. */
  readonly target?: string;
  readonly host?: string;
  readonly headers?: HeaderLines;
  readonly token?: string;
  readonly body?: string;
}

/** One request to the HTTP door, and what it must come to. */
export interface HttpCase {
  readonly setup: Setup;
  readonly ask: (fixture: Fixture) => HttpInput;
  /** Undefined: the transport answers by itself, with `status`. */
  readonly reason: ReasonName | undefined;
  /** Where it does not follow from the reason. */
  readonly status?: number;
  readonly source?: string;
  /** Another address of this machine, where the connection comes from. */
  readonly from?: string;
  readonly seen?: Seen;
}
