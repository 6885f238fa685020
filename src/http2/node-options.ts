import { constants, type ServerSessionOptions } from 'node:http2';

/** Limits for one connection. If one is exceeded, a stream ends, and never the connection. */
export interface SessionBounds {
  /** Checks under way. The proxy is told a slightly higher number, see `spare`. */
  readonly streams: number;
  /** Bytes of a body that may be sent before they are read. */
  readonly window: number;
  /** Bytes of the header lines of a request. Each line counts 32 more (RFC 9113 §6.5.2). */
  readonly headBytes: number;
  readonly headerLines: number;
}

/** The highest limit that Node accepts. */
const never = 0xffff_ffff;
/** Method, scheme, authority and path. */
const pseudoHeaders = 4;
const MB = 1_000_000;
/** The most memory of a stream beside its header lines and window, as far as Node and nghttp2 count it. */
const streamBytes = 16_384;

/**
 * Node refuses new streams when it holds as many as it announced. It also holds streams that were reset while
 * their answer was on its way. Through Envoy, a flood of resets lost the checks behind it. So there is room
 * for all requests in one read of 64 KiB, at 23 bytes for a request with its reset.
 */
const spare = 2_850;

/** What a client is told: how many streams its connection may have at a time. */
export function announcedStreams(streams: number): number {
  return streams + spare;
}

/**
 * The options of Node's HTTP/2 at both doors. The client is a proxy, and one of its connections carries the
 * checks of thousands of callers. If the connection ends, all their answers are lost, and
 * `failure_mode_allow` lets those requests in. So no limit on streams may ever end a connection.
 * `limits.waitingChecks` protects us instead: a check that waits for an issuer keeps its place until it is
 * done, even if its stream was reset.
 */
export function nodeOptions({
  streams,
  window,
  headBytes,
  headerLines,
}: SessionBounds): ServerSessionOptions {
  const most = announcedStreams(streams);
  return {
    settings: {
      maxConcurrentStreams: most,
      maxHeaderListSize: headBytes,
      initialWindowSize: window,
      enablePush: false,
    },
    maxHeaderListPairs: headerLines + pseudoHeaders,
    // A proxy resets its check when its client goes away. By default nghttp2 ends the connection at 33 a
    // second.
    streamResetBurst: never,
    streamResetRate: never,
    // By default Node ends the connection at the 101st rejected stream, and at the 1001st invalid frame.
    maxSessionRejectedStreams: never,
    maxSessionInvalidFrames: never,
    // Beyond it new streams are refused, and their answers are lost. So `most` has to be reached first.
    maxSessionMemory: Math.ceil((most * (streamBytes + headBytes + window)) / MB),
    // Otherwise Node drops a value with a space at its end without notice.
    strictFieldWhitespaceValidation: false,
  };
}

export const { NGHTTP2_NO_ERROR: noError } = constants;
