/** How long clients of the HTTP door may take, in milliseconds, and how many there may be. */
export interface HttpLimits {
  /** For a TLS handshake, for the first bytes of a connection, and for the head of a request from its first byte. */
  readonly head: number;
  /** For a whole request, body included, from its first byte. Not less than `head`. */
  readonly request: number;
  /**
   * Without any progress while an answer is owed: so the longest an answer may take to make, or to be fetched. An HTTP/2
   * client that has nothing to do shows as often that it is alive.
   */
  readonly stall: number;
  /** For a connection between two requests. */
  readonly idle: number;
  /** After an answer, for the rest of the request's body, or for the client to read why it is cut off. */
  readonly grace: number;
  readonly connections: number;
}

export const defaultLimits: HttpLimits = {
  head: 5_000,
  request: 10_000,
  stall: 60_000,
  // A connection that is closed just when the proxy uses it again costs a check, so the proxy has to be the one that
  // closes: Envoy does after an hour, Caddy after two minutes, Traefik after 90 s, nginx after 60 s (their defaults).
  idle: 65 * 60_000,
  grace: 500,
  connections: 10_000,
};

/** Bytes of one request's head. Certificates in headers are long, and Envoy's own limit is 60 KiB. */
export const headBytes = 65_536;
/** Header lines of one request. Beyond it Node would drop lines in silence, so more are refused. */
export const headerLines = 256;
/** Bytes of a body that are read and thrown away for the sake of its connection. */
export const bodyBytes = 65_536;
/** Unanswered requests on one connection: streams of HTTP/2. */
export const streams = 1_000;
/** Unanswered requests on one connection: pipelined ones of HTTP/1, which no proxy sends. */
export const pipelined = 100;
