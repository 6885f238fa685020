import type { Pattern } from '../../lib/pattern.ts';
import type { HostPattern, HostReading } from '../policy/host.ts';

/** The path of the document of a resource without a path (RFC 9728 §3.1). That of any other one is below it. */
export const wellKnown = '/.well-known/oauth-protected-resource';

/** A protected resource (RFC 9728 §1.2). All of it comes from the configuration, and nothing from a request. */
export interface ProtectedResource {
  /** The hosts that the proxy may see in requests for it. */
  readonly hosts: readonly HostPattern[];
  /** The segments that its paths begin with, as rules are matched. Empty: every path is part of it. */
  readonly prefix: Pattern;
  /** The path of its document, compared character by character. */
  readonly documentPath: string;
  /** Where clients find its document, for challenges (RFC 9728 §5.1). */
  readonly documentUrl: string;
  readonly answer: DirectAnswer;
}

/** An answer that Peerproof gives itself, in place of the application. */
export interface DirectAnswer {
  readonly status: 200;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** The resources of a configuration. Those with the longest prefix come first. */
export interface Resources {
  readonly list: readonly ProtectedResource[];
  readonly reading: HostReading;
}
