import type { Readable } from 'node:stream';

/**
 * Stops reading from a sender, like `pause`. What arrives nevertheless is still emitted: the rest of what the
 * socket has read, or of a window of HTTP/2. A paused stream would keep it, with an object for each piece, and
 * 36 MB of tiny pieces take more than a gigabyte. Without a listener it is dropped.
 * @returns what goes on with reading
 */
export function holdBack(stream: Readable): () => void {
  // It may be held back already.
  Reflect.deleteProperty(stream, 'push');
  const { push } = stream;
  // Node stops reading from the socket or the session if this is false.
  stream.push = (chunk: Buffer | null) => {
    if (chunk === null) return push.call(stream, chunk);
    stream.emit('data', chunk);
    return false;
  };
  return () => {
    Reflect.deleteProperty(stream, 'push');
    stream._read(stream.readableHighWaterMark);
  };
}
