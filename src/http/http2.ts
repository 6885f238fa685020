import type { OutgoingHttpHeaders } from 'node:http';
import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import {
  type Answer,
  answerTo,
  type HttpAnswer,
  type HttpCheck,
  isBodiless,
  joinHeaders,
} from './exchange.ts';
import { destroyLater } from './last-word.ts';
import { bodyBytes, type HttpLimits, headBytes, headerLines, streams } from './limits.ts';

export interface Http2 {
  /** Serves a connection, whose first bytes may be in the socket already. */
  accept(socket: Socket): void;
  /** Ends connections without a request at once, and the others with their last answer. */
  close(): void;
}

const options = {
  settings: {
    maxConcurrentStreams: streams,
    maxHeaderListSize: headBytes,
    // What is sent of a body before the answer stops it.
    initialWindowSize: bodyBytes - 1,
    enablePush: false,
  },
  // Four are method, scheme, authority and path.
  maxHeaderListPairs: headerLines + 4,
  // Megabytes; a new stream beyond it is refused.
  maxSessionMemory: 16,
  // A proxy resets its check when its own client goes away. At Node's 33 a second, one such client could get the
  // proxy's whole connection closed, and everybody's checks with it; a thousand checks a second are no burden.
  streamResetBurst: 1_000,
  streamResetRate: 1_000,
  // Otherwise a value with a space at its end is dropped in silence.
  strictFieldWhitespaceValidation: false,
};

/**
 * HTTP/2 on connections that somebody else accepts. Bodies are not read: flow control keeps them with their sender. Header
 * lines that are none, such as those with control characters, are not noticed: Node drops them in silence and goes on.
 */
export function serveHttp2(answer: Answer, limits: HttpLimits): Http2 {
  const sessions = new Set<ServerHttp2Session>();
  return {
    accept(socket) {
      // The HTTP/1 server that accepted it lets clients close their half; here that is the end.
      socket.allowHalfOpen = false;
      // Whoever does not end a connection that we have ended is not waited for.
      socket.once('finish', () => destroyLater(socket, limits.grace));
      const session = performServerHandshake(socket, options);
      sessions.add(session);
      session.once('close', () => sessions.delete(session));
      serveSession(session, socket, answer, limits);
    },
    close() {
      for (const session of sessions) session.close();
    },
  };
}

function serveSession(session: ServerHttp2Session, socket: Socket, answer: Answer, limits: HttpLimits): void {
  const remoteAddress = socket.remoteAddress ?? '';
  // Asked again and again, because a timer that fires does not repeat.
  const rest = Math.min(limits.stall, limits.idle);
  let used = false;
  let open = 0;
  let quiet = 0;
  let pinged = false;
  session.on('error', () => {});
  session.on('stream', (stream, _headers, _flags, raw) => {
    if (!used) session.setTimeout(rest);
    used = true;
    open++;
    quiet = 0;
    stream.once('close', () => {
      open--;
      quiet = 0;
    });
    stream.on('error', () => {});
    serveStream(stream, raw, remoteAddress, answer);
  });
  session.on('timeout', () => {
    // Nothing moved: either answers are owed that do not come or are not taken, or there is nothing to do.
    quiet += rest;
    if (open > 0 || session.closed) {
      // Not the session: that would wait for its last word to be read.
      if (quiet >= limits.stall) socket.destroy();
    } else if (!used || quiet >= limits.idle) session.close();
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
  session.setTimeout(limits.head);
}

function serveStream(
  stream: ServerHttp2Stream,
  raw: readonly string[],
  address: string,
  answer: Answer,
): void {
  const check = checkOf(raw, address);
  const asksForBody = check.method !== 'HEAD';
  // Any 2xx to a CONNECT would open a tunnel.
  if (check.method === 'CONNECT') send(stream, { status: 403, headers: [], body: '' }, asksForBody);
  else
    void answerTo(check, answer)
      .then((answered) => send(stream, answered, asksForBody))
      .catch(() => stream.destroy());
}

function checkOf(raw: readonly string[], remoteAddress: string): HttpCheck {
  const { headers, repeated } = joinHeaders(raw, '; ');
  const { ':method': method = '', ':path': target = '', ':authority': authority, host } = headers;
  for (const name in headers) if (name.startsWith(':')) delete headers[name];
  const hosts = new Set([authority, host].filter((name) => name !== undefined));
  return { method, target, host: [...hosts].join(','), headers, repeated, remoteAddress };
}

function send(stream: ServerHttp2Stream, { status, headers, body }: HttpAnswer, asksForBody: boolean): void {
  // The client may have gone.
  if (stream.destroyed || stream.closed) return;
  const fields: OutgoingHttpHeaders = Object.create(null);
  fields[':status'] = status;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const before = fields[lower];
    fields[lower] = before === undefined ? value : [before, value].flat().map(String);
  }
  const endStream = body === '' || isBodiless(status) || !asksForBody;
  try {
    stream.respond(fields, { endStream });
  } catch {
    // Node refuses two of some names. Nothing has been sent by then.
    stream.respond({ ':status': 500 }, { endStream: true });
    return;
  }
  if (!endStream) stream.end(body);
}
