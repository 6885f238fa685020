import type { IntakeBounds } from '../../http2/intake.ts';

/** Limits for the clients of the HTTP door. Times are in milliseconds. */
export interface HttpLimits {
  /** For a TLS handshake, for the first bytes of a connection, and for a head from its first byte. */
  readonly head: number;
  /** For a whole request with its body, from its first byte. Not less than `head`. */
  readonly request: number;
  /**
   * Without any progress while an answer is owed. So it is the longest time for making and fetching an
   * answer. An idle HTTP/2 client has to show this often that it is alive.
   */
  readonly stall: number;
  /** For a connection between two requests. */
  readonly idle: number;
  /** After an answer: for the rest of the request's body, or for the client to read the answer. */
  readonly grace: number;
  readonly connections: number;
}

export const defaultLimits: HttpLimits = {
  head: 5_000,
  request: 10_000,
  stall: 60_000,
  // If we close a connection just when the proxy uses it, a check is lost. So the proxy has to close it.
  // Defaults: Envoy closes after an hour, Caddy after two minutes, Traefik after 90 s, nginx after 60 s.
  idle: 65 * 60_000,
  grace: 500,
  connections: 10_000,
};

/** The limit for the head of one request. Certificates in headers are long: Envoy's own limit is 60 KiB. */
export const headBytes = 65_536;
/**
 * The limit for header lines of one request. A request with more is refused, because Node would drop them.
 */
export const headerLines = 256;
/** Bytes of a body that are read: for a check that asks for it, or to keep its connection usable. */
export const bodyBytes = 65_536;
/**
 * The bounds for bodies that are not whole. A proxy has the whole body before it asks. 64 MiB are a thousand
 * of the longest.
 */
export const bodies: IntakeBounds = {
  bytes: 67_108_864,
  messages: 4_000,
  heads: 33_554_432,
  window: bodyBytes,
  patience: 5_000,
  stall: 500,
};
/** Unanswered requests on one HTTP/2 connection (streams). */
export const streams = 1_000;
/** Unanswered requests on one HTTP/1 connection (pipelined). Proxies do not send them. */
export const pipelined = 100;
