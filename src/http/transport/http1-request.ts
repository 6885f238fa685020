import { IncomingMessage } from '../../lib/node-http.ts';
import { type JoinedHeaders, joinHeaders } from './messages.ts';

/** A request of HTTP/1. Its headers are read once, by the same rule for Node and for us. */
export class Http1Request extends IncomingMessage {
  #joined: JoinedHeaders | undefined;

  get joined(): JoinedHeaders {
    this.#joined ??= joinHeaders(this.rawHeaders, ',');
    return this.#joined;
  }

  static {
    // Node looks for Expect here. Its own accessor would read all lines once more. It is a field for
    // TypeScript.
    Object.defineProperty(Http1Request.prototype, 'headers', {
      get(this: Http1Request) {
        return this.joined.headers;
      },
    });
  }
}
