import {
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { destroyLater } from './destroy-later.ts';
import { nodeOptions, type SessionBounds } from './node-options.ts';

/** How long clients may take, in milliseconds. */
export interface SessionTimes {
  /** Until the first request; undefined: a connection may wait for it. */
  readonly first?: number | undefined;
  /** Of silence, until a client has to show that it is alive, and again until it has not. */
  readonly rest: number;
  /** Without any progress while an answer is owed. */
  readonly stall: number;
  /** Without a request. */
  readonly idle: number;
  /** For a client to end its side of a connection that we have ended. */
  readonly grace: number;
}

/** One stream, as it begins. */
export interface Incoming {
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly raw: readonly string[];
  /** Of the TCP connection; empty where it has ended already. */
  readonly remoteAddress: string;
}

/** What a stream is to its connection: one that only listens owes no answer. */
export type Owed = 'answer' | 'nothing';

export type ServeStream = (stream: ServerHttp2Stream, incoming: Incoming) => Owed;

export interface Sessions {
  /** Serves a connection, whose first bytes may be in the socket already. */
  accept(socket: Socket): void;
  /** Ends connections without a request, and the others with their last answer. */
  close(): void;
}

/** Milliseconds without a new request in which a connection is ended, and after which it is ended in any case. */
const quiet = 50;
const farewell = 1_000;

/** What is known of a connection from outside. */
interface Life {
  /** When its last request began. */
  began: number;
}

/** HTTP/2 on connections that somebody else accepts: the one place where sessions are bounded, watched and ended. */
export function createSessions(bounds: SessionBounds, times: SessionTimes, serve: ServeStream): Sessions {
  const options = nodeOptions(bounds);
  const open = new Map<ServerHttp2Session, Life>();
  let closing = false;
  return {
    accept(socket) {
      // A server that accepted it for HTTP/1 lets clients close their half; here that is the end.
      socket.allowHalfOpen = false;
      // A client that does not end a connection that we have ended is not waited for.
      socket.once('finish', () => destroyLater(socket, times.grace));
      const session = performServerHandshake(socket, options);
      const life = { began: 0 };
      open.set(session, life);
      session.once('close', () => open.delete(session));
      watch(session, life, socket, times, serve);
      if (closing) endBetweenRequests(session, life);
    },
    close() {
      closing = true;
      for (const [session, life] of open) endBetweenRequests(session, life);
    },
  };
}

function watch(
  session: ServerHttp2Session,
  life: Life,
  socket: Socket,
  times: SessionTimes,
  serve: ServeStream,
): void {
  const remoteAddress = socket.remoteAddress ?? '';
  const { first, idle, stall } = times;
  // CachedAuthority again and again, because a timer that fires does not repeat.
  const rest = Math.min(times.rest, stall, idle);
  let used = first === undefined;
  let owed = 0;
  let still = 0;
  let pinged = false;
  const answered = (): void => {
    owed--;
    still = 0;
  };
  session.on('error', () => {});
  session.on('stream', (stream, headers, _flags, raw) => {
    if (!used) session.setTimeout(rest);
    used = true;
    still = 0;
    life.began = performance.now();
    stream.on('error', () => {});
    // Reset in the same packet: there is nobody to answer, and nothing to decide.
    if (stream.closed || stream.destroyed) return;
    if (serve(stream, { headers, raw, remoteAddress }) === 'nothing') return;
    owed++;
    stream.once('close', answered);
  });
  session.on('timeout', () => {
    // Nothing moved: either answers are owed that do not come or are not taken, or there is nothing to do.
    still += rest;
    const busy = owed > 0 || session.closed;
    // Not the session: that would wait for its last word to be read.
    if (busy && still >= stall) socket.destroy();
    else if (!busy && (!used || still >= idle)) session.close();
    // Answers may be given and still lie here, because nobody reads them: that shows when no echo comes.
    else if (pinged) socket.destroy();
    else {
      pinged = true;
      session.ping(() => {
        pinged = false;
      });
    }
    session.setTimeout(rest);
  });
  session.setTimeout(first ?? rest);
}

/**
 * Ends a connection when no request has begun for a moment. A GOAWAY names the last stream that is served (nghttp2 ignores
 * all that come later, and Node has no notice without one), so a request that crosses it has no answer.
 */
function endBetweenRequests(session: ServerHttp2Session, life: Life): void {
  const until = performance.now() + farewell;
  const look = (): void => {
    if (session.closed || session.destroyed) return;
    const now = performance.now();
    if (now - life.began >= quiet || now >= until) session.close();
    else setTimeout(look, quiet);
  };
  look();
}
