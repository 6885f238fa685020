import {
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { destroyLater } from './destroy-later.ts';
import { isGone } from './is-gone.ts';
import { ignore, letGo } from './let-go.ts';
import { nodeOptions, type SessionBounds } from './node-options.ts';
import { TurnShare } from './turn-share.ts';

/** Time limits for clients, in milliseconds. */
export interface SessionTimes {
  /** Until the first request. Undefined: a connection may wait for it without a limit. */
  readonly first?: number | undefined;
  /** Of silence, until the client has to show that it is alive, and again until it is given up. */
  readonly rest: number;
  /** Without any progress while an answer is owed. */
  readonly stall: number;
  /** Without a request. */
  readonly idle: number;
  /** For a client to close its side after we have closed ours. */
  readonly grace: number;
}

/** One stream, when it begins. */
export interface Incoming {
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they arrived. */
  readonly raw: readonly string[];
  /** The address of the TCP connection. Empty if it has ended. */
  readonly remoteAddress: string;
}

/** Whether a stream owes its client an answer. A stream that only listens does not. */
export type Owed = 'answer' | 'nothing';

export type ServeStream = (stream: ServerHttp2Stream, incoming: Incoming) => Owed;

export interface Sessions {
  /** Serves a connection. Its first bytes may be in the socket already. */
  accept(socket: Socket): void;
  /** Ends idle connections now, and the others with their last answer. */
  close(): void;
}

/** A connection ends after so many milliseconds without a new request, and after `farewell` in any case. */
const quiet = 50;
const farewell = 1_000;

/**
 * SETTINGS frames of one connection in a second. Each can change the window of every open stream, so a thousand
 * take 100 ms with 3,800 streams. Proxies send one at the beginning, and gRPC clients some to adjust their windows.
 */
const mostSettings = 100;

/** The state of a connection that is kept outside of its session. */
interface Life {
  /** When the latest request began. */
  began: number;
}

/** Serves HTTP/2 on accepted connections. All sessions are bounded, watched and ended here. */
export function createSessions(bounds: SessionBounds, times: SessionTimes, serve: ServeStream): Sessions {
  const options = nodeOptions(bounds);
  const open = new Map<ServerHttp2Session, Life>();
  let closing = false;
  return {
    accept(socket) {
      // A server that accepts HTTP/1 lets clients close their half. For HTTP/2 a closed half is the end.
      socket.allowHalfOpen = false;
      // Does not wait for a client that keeps a connection open after we have ended it.
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
  // Set again each time, because a timer that has fired does not repeat.
  const rest = Math.min(times.rest, stall, idle);
  let used = first === undefined;
  let owed = 0;
  let still = 0;
  let pinged = false;
  const share = new TurnShare(socket);
  const answered = function (this: ServerHttp2Stream): void {
    owed--;
    still = 0;
    letGo(this);
  };
  session.on('error', () => {});
  session.on('stream', (stream, headers, _flags, raw) => {
    share.begin();
    if (!used) session.setTimeout(rest);
    used = true;
    still = 0;
    life.began = performance.now();
    stream.on('error', ignore);
    // It was reset in the same packet, so there is nothing to decide.
    if (isGone(stream)) return;
    if (serve(stream, { headers, raw, remoteAddress }) === 'nothing') return;
    owed++;
    // It comes once. `once` would make two functions for each stream.
    stream.on('close', answered);
  });
  boundSettings(session, socket);
  session.on('timeout', () => {
    // Nothing moved. Either owed answers are not made or not read, or the connection is idle.
    still += rest;
    const busy = owed > 0 || session.closed;
    // Destroys the socket: the session would wait until its last frame is read.
    if (busy && still >= stall) socket.destroy();
    else if (!busy && (!used || still >= idle)) session.close();
    // Answers may be waiting here because the client does not read. A missing ping echo shows that.
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

/** Ends a connection that changes its settings again and again. */
function boundSettings(session: ServerHttp2Session, socket: Socket): void {
  let [settings, since] = [0, 0];
  session.on('remoteSettings', () => {
    const now = performance.now();
    if (now - since > 1_000) [settings, since] = [0, now];
    if (++settings > mostSettings) socket.destroy();
  });
}

/**
 * Ends a connection when no request has begun for a moment. GOAWAY names the last stream that is served.
 * nghttp2 ignores all later ones, and Node cannot announce a GOAWAY. So a request that crosses it gets no
 * answer.
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
