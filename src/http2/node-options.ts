import { constants, type ServerSessionOptions } from 'node:http2';

/** What one connection may have under way. Beyond it a stream ends, never the connection. */
export interface SessionBounds {
  /** Checks under way. A proxy is told a little more, see `spare`. */
  readonly streams: number;
  /** Bytes of a body that may be sent before they are read. */
  readonly window: number;
  /** Bytes of the header lines of a request, each counted with 32 more (RFC 9113 §6.5.2). */
  readonly headBytes: number;
  readonly headerLines: number;
}

/** The most that Node takes for a limit. */
const never = 0xffff_ffff;
/** Method, scheme, authority and path. */
const pseudoHeaders = 4;
const MB = 1_000_000;
/** What a stream takes at the most beside its header lines and its window, as far as Node and nghttp2 count it. */
const streamBytes = 16_384;

/**
 * Node refuses new streams when it knows as many as it told the client, and it still knows those that were reset while
 * their answer was on its way: through Envoy, a flood of resets lost the checks behind it. Room for all that one read of
 * 64 KiB can hold, at 23 bytes for a request with its reset.
 */
const spare = 2_850;

/**
 * How Node's HTTP/2 is set up at both doors. A client of these doors is a proxy, and one connection of it carries the
 * checks of thousands of strangers: whatever ends the connection loses all their answers, and `failure_mode_allow` lets
 * in those that have none. So every limit that ends a connection for what its streams do is set so that it never fires.
 * What protects us instead is `limits.checksInFlight`: the work for a stream that was reset counts until it is done.
 */
export function nodeOptions({
  streams,
  window,
  headBytes,
  headerLines,
}: SessionBounds): ServerSessionOptions {
  const most = streams + spare;
  return {
    settings: {
      maxConcurrentStreams: most,
      maxHeaderListSize: headBytes,
      initialWindowSize: window,
      enablePush: false,
    },
    maxHeaderListPairs: headerLines + pseudoHeaders,
    // A proxy resets its check when its own client goes away. By default nghttp2 ends the connection at 33 a second.
    streamResetBurst: never,
    streamResetRate: never,
    // Streams above the limit, and frames that are none: by default Node ends the connection at the 101st and 1001st.
    maxSessionRejectedStreams: never,
    maxSessionInvalidFrames: never,
    // Beyond it new streams are refused, which is an answer lost: so it must not be reached before `most` is.
    maxSessionMemory: Math.ceil((most * (streamBytes + headBytes + window)) / MB),
    // Otherwise a value with a space at its end is dropped in silence.
    strictFieldWhitespaceValidation: false,
  };
}

export const { NGHTTP2_NO_ERROR: noError } = constants;
