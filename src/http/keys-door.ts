import { defaultLimits } from './transport/limits.ts';
import { PreparedAnswer } from './transport/prepared-answer.ts';
import {
  type HttpAnswer,
  type HttpCheck,
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from './transport/server.ts';

/** Public keys as members of a JWK Set, and how long a verifier may keep them. */
export interface PublishedKeys {
  readonly keys: readonly Readonly<Record<string, string>>[];
  /** Seconds. */
  readonly maxAge: number;
}

export interface KeysDoorOptions extends Omit<HttpServerOptions, 'answer'> {
  /** Called for each request. Undefined: there are no keys. */
  readonly published: () => PublishedKeys | undefined;
}

const path = '/.well-known/jwks.json';

/**
 * Serves the public keys of internal tokens as a JWK Set (RFC 7517 §5), and nothing else. Public keys are no
 * secret, so every client may read them. Whoever could replace them on the way could sign for us: where the
 * network is not trusted, a mesh or a proxy has to protect this port.
 */
export function startKeysDoor({ published, ...options }: KeysDoorOptions): Promise<HttpServer> {
  return startHttpServer(
    { ...options, answer: ({ method, target }) => answer(method, target, published()) },
    limits,
  );
}

/** Many more clients reach this port than those that send checks, and each asks once in minutes. */
const limits = { ...defaultLimits, stall: 10_000, idle: 10_000, connections: 1_000 };

function answer(method: HttpCheck['method'], target: string, known: PublishedKeys | undefined): HttpAnswer {
  if (target.split('?', 1)[0] !== path || !known) return notFound;
  if (method !== 'GET' && method !== 'HEAD') return notAllowed;
  return {
    status: 200,
    headers: [
      ['content-type', 'application/jwk-set+json'],
      ['cache-control', `public, max-age=${known.maxAge}`],
    ],
    body: JSON.stringify({ keys: known.keys }),
  };
}

const plain = ['content-type', 'text/plain'] as const;
const notFound = new PreparedAnswer({ status: 404, headers: [plain], body: 'not found\n' });
const notAllowed = new PreparedAnswer({ status: 405, headers: [plain, ['allow', 'GET, HEAD']], body: '' });
