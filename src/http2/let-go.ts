import type { ServerHttp2Stream } from 'node:http2';

/**
 * Takes all listeners of a stream that has closed, but one for errors. V8 keeps the stream until it next collects the
 * old generation, because Node's `WritableState` puts a function there that refers to it. Without this it keeps the
 * listeners too, and all that they refer to (docs/performance.md, "Streams that have ended").
 */
export function letGo(stream: ServerHttp2Stream): void {
  // If this one stayed, Node would take the others one by one to tell it.
  stream.removeAllListeners('removeListener');
  stream.removeAllListeners();
  stream.on('error', ignore);
}

/** A stream ends with its error, and nobody else needs to know. */
export function ignore(): void {}
