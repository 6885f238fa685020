import { request } from 'node:http';
import type { ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { What } from '../../tools/docs/oauth2-proxy.ts';
import { type Claims, createSigner } from '../support/jwt-signer.ts';
import { type Peerproof, startPeerproof } from '../support/peerproof.ts';
import { goodClaims, inlineIssuer, OTHER_ISSUER } from '../support/token-fixture.ts';

/** Shows what Peerproof does where the row of the table says it. */
export type Show = (t: ExecutionContext) => Promise<void>;
/** The tests of some rows, by their names. */
export type Shows<Rows extends What> = Readonly<Record<Rows, Show>>;

/** An answer over HTTP, as a proxy reads it. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface CachedAuthority {
  readonly token?: string;
  readonly authorization?: string;
  readonly method?: string;
  readonly path?: string;
  /** With `?`. Of the check at /oauth2/auth. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface World {
  readonly peerproof: Peerproof;
  /** As nginx asks at /oauth2/auth. */
  auth(asked?: CachedAuthority): Promise<Answered>;
  /** As Envoy asks, with `pathPrefix: /check`. */
  check(asked?: CachedAuthority): Promise<Answered>;
}

export const corp = createSigner('RS256');
export const partner = createSigner('ES256');

export const now = () => Math.floor(Date.now() / 1000);
/** Good for five minutes from now, by the clock of this machine. */
export const claims = (more: Claims = {}) => goodClaims({ iat: now(), exp: now() + 300, ...more });
export const sign = (more: Claims = {}, header: Claims = {}) => corp.sign(claims(more), header);
export const signByPartner = (more: Claims = {}) =>
  partner.sign(claims({ iss: OTHER_ISSUER, aud: 'partners', ...more }));

/** A migrated configuration: the shape of the Kyma tutorial. */
export const migrated: ConfigInput = {
  issuers: {
    corp: inlineIssuer([corp], { audiences: ['orders', 'orders-extra'] }),
    partner: inlineIssuer([partner], { issuer: OTHER_ISSUER, audiences: ['partners'] }),
  },
  identity: { preset: 'oauth2-proxy', passAccessToken: true, passAuthorization: true },
  http: {
    pathPrefix: '/check',
    forwardAuth: [{ path: '/oauth2/auth', proxies: ['127.0.0.1'], original: 'x-original' }],
  },
  rules: [
    {
      name: 'health',
      match: { paths: ['/healthz', '/assets/*'] },
      require: { token: 'optional', binding: ['none'] },
    },
    { name: 'preflight', match: { methods: ['OPTIONS'] }, public: true },
    {
      name: 'admin',
      match: { paths: ['/admin/**'] },
      require: { claims: { groups: ['admin', 'root'] }, binding: ['none'] },
    },
    {
      name: 'staff',
      match: { paths: ['/staff/**'] },
      require: { when: "claims.email.endsWith('@example.com')", binding: ['none'] },
    },
    {
      name: 'write',
      match: { paths: ['/write/**'], methods: ['POST'] },
      require: { scopes: ['orders.write'], issuers: ['corp'], claims: { tenant: 'blue' }, binding: ['none'] },
    },
    { name: 'any', require: { binding: ['none'] } },
  ],
};

const running: Peerproof[] = [];

/** Ends all that were started. */
export const stopWorlds = () => Promise.all(running.map((peerproof) => peerproof.drain()));

/** Starts a Peerproof with that configuration and changes to it. */
export async function startWorld(changes: Partial<ConfigInput> = {}): Promise<World> {
  const peerproof = await startPeerproof({ ...migrated, ...changes });
  running.push(peerproof);
  await peerproof.ready;
  const ask = (
    method: string,
    path: string,
    headers: Record<string, string>,
    { token, authorization }: CachedAuthority,
  ) =>
    send(peerproof.httpPort, method, path, {
      ...headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(authorization !== undefined && { authorization }),
    });
  return {
    peerproof,
    auth: ({ method = 'GET', path = '/orders', query = '', headers = {}, ...more } = {}) =>
      ask(
        'GET',
        `/oauth2/auth${query}`,
        {
          host: 'peerproof.internal',
          'x-original-method': method,
          'x-original-uri': path,
          'x-original-host': 'orders.example.com',
          ...headers,
        },
        more,
      ),
    check: ({ method = 'GET', path = '/orders', headers = {}, ...more } = {}) =>
      ask(method, `/check${path}`, { host: 'orders.example.com', ...headers }, more),
  };
}

/** The same for one test, with other settings of the identity. */
export const withIdentity = (identity: ConfigInput['identity']): Promise<World> =>
  startWorld({ identity: { preset: 'oauth2-proxy', ...identity } });

/** Asks over HTTP/1.1, with path and headers as they are given. */
export function send(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string | readonly string[]>>,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers: headers as never, agent: false };
    const asked = request({ ...options, timeout: 60_000 }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
          ),
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      );
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer to ${path}`)));
    asked.on('error', reject);
    asked.end();
  });
}

export const main = await startWorld();

/** The same check at both doors: [at /oauth2/auth, elsewhere]. */
export const both = (asked: CachedAuthority = {}, world = main) =>
  Promise.all([world.auth(asked), world.check(asked)]);

/** Asks at both doors, and expects each of these headers on both answers; undefined: not there. */
export async function carries(
  t: ExecutionContext,
  asked: CachedAuthority,
  expected: Readonly<Record<string, string | undefined>>,
  world = main,
): Promise<void> {
  const [auth, elsewhere] = await both(asked, world);
  t.deepEqual([auth.status, elsewhere.status], [202, 200]);
  for (const [name, value] of Object.entries(expected))
    t.deepEqual([auth.headers[name], elsewhere.headers[name]], [value, value], name);
}

/** Asks at both doors, and expects these two statuses. */
export async function answers(
  t: ExecutionContext,
  asked: CachedAuthority,
  expected: readonly [atAuth: number, elsewhere: number],
  world = main,
): Promise<void> {
  const [auth, elsewhere] = await both(asked, world);
  t.deepEqual([auth.status, elsewhere.status], expected, JSON.stringify(asked).slice(0, 200));
}

export const passes = [202, 200] as const;
export const refused = [401, 401] as const;

/** As oauth2-proxy writes refusals: text at /oauth2/auth, `{}` elsewhere. */
export function isText(t: ExecutionContext, answer: Answered, status: number, text: string): void {
  t.is(answer.status, status);
  t.is(answer.body, `${text}\n`);
  t.regex(answer.headers['content-type'] ?? '', /^text\/plain/);
}

export function isEmptyJson(t: ExecutionContext, answer: Answered, status: number): void {
  t.is(answer.status, status);
  t.is(answer.body, '{}');
  t.is(answer.headers['content-type'], 'application/json');
}
