import type { Mutation } from './mutation.ts';

const survives = ['test/http2/survives.test.ts'];
const calls = ['test/grpc/calls.test.ts'];

/** Weakenings of HTTP/2, gRPC and TLS at both doors. */
export const transports: readonly Mutation[] = [
  {
    name: 'transport: reset limits removed from the HTTP/2 layer',
    file: 'src/http2/node-options.ts',
    from: '    streamResetBurst: never,\n    streamResetRate: never,\n',
    to: '',
    also: survives,
  },
  {
    name: 'transport: read each field of a check, however many it has',
    file: 'src/grpc/protobuf-reader.ts',
    from: 'if (this.#room-- === 0) throw new TooManyFields();',
    to: '',
    also: ['test/grpc/decode-request.test.ts'],
  },
  {
    name: 'transport: let any number of streams watch the health',
    file: 'src/grpc/transport/health.ts',
    from: 'this.#watching.size >= mostWatching',
    to: 'false as boolean',
    also: calls,
  },
  {
    name: 'transport: wait for ever for a client that does not answer pings',
    file: 'src/http2/sessions.ts',
    from: 'else if (pinged) socket.destroy();',
    to: 'else if (pinged) pinged = true;',
    also: calls,
  },
  {
    name: 'transport: a gRPC error for a check that cannot be read',
    file: 'src/grpc/transport/server.ts',
    from: 'if (method.refuse) method.refuse(stream, why, deadline);\n    else fail(',
    to: 'fail(',
    also: calls,
  },
  {
    name: 'transport: read the first bytes of a message as the whole',
    file: 'src/grpc/transport/message.ts',
    from: 'if (this.#length >= 0 && bytes.length >= prefixBytes + this.#length)',
    to: 'if (this.#length >= 0)',
    also: calls,
  },
  {
    name: 'transport: never count a message that is not whole',
    file: 'src/grpc/transport/message.ts',
    from: '    this.#isWaiting = true;\n',
    to: '',
    also: ['test/http2/pieces.test.ts'],
  },
  {
    name: 'transport: lose what came before the first piece was asked for',
    file: 'src/grpc/transport/message.ts',
    from: 'early !== null; early = stream.read()) this.#read(early);',
    to: 'early !== null; early = stream.read()) if (early.length > 1e6) this.#read(early);',
    also: ['test/http2/pieces.test.ts'],
  },
  {
    name: 'transport: the answer of the first check for all that arrive together',
    file: 'src/grpc/check-server.ts',
    from: 'for (const { stream, answered } of calls) if (answered) send(stream, answered);',
    to: 'for (const { stream } of calls) if (calls[0]?.answered) send(stream, calls[0].answered);',
    also: calls,
  },
  {
    name: 'transport: decide checks whose call was reset with them',
    file: 'src/grpc/check-server.ts',
    from: 'all.filter(({ stream }) => !isGone(stream))',
    to: 'all',
    also: calls,
  },
  {
    name: 'transport: keep each piece of a message with its packet',
    file: 'src/http2/pieces.ts',
    from: '    this.#bytes.set(piece, this.#size);',
    to: '    if (this.#size === 0) this.#bytes = piece as Buffer;\n    else this.#bytes.set(piece, this.#size);',
    also: ['test/http2/pieces.test.ts'],
  },
  {
    name: 'transport: what arrives while a body waits is kept in pieces',
    file: 'src/http2/hold-back.ts',
    from: "    stream.emit('data', chunk);\n    return false;",
    to: '    stream.pause();\n    return push.call(stream, chunk);',
    also: ['test/http2/pieces.test.ts'],
  },
  {
    name: 'transport: keep a body that nobody reads',
    file: 'src/http/transport/http2.ts',
    from: 'const goOn = holdBack(stream);',
    to: 'const goOn = (): void => {};',
    also: ['test/http/server-unread-bodies.test.ts'],
  },
  {
    name: 'transport: reserve a window for each piece of a message that waits',
    file: 'src/http2/intake.ts',
    from: 'this.#take(place, bytes - expected);',
    to: 'this.#take(place, bytes);',
    also: ['test/http2/pieces.test.ts'],
  },
  {
    name: 'transport: hold incomplete messages without a limit',
    file: 'src/http2/intake.ts',
    from: 'while (this.#bytes > this.#bounds.bytes)',
    to: 'while (false as boolean)',
    also: ['test/http2/intake.test.ts'],
  },
  {
    name: 'transport: drop the client authorities when a reload names none',
    file: 'src/http2/server-tls.ts',
    from: 'clientCa = this.#clientCa }',
    to: 'clientCa }',
    also: ['test/reload/client-authorities.test.ts'],
  },
];
