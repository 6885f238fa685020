import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config/schema.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { listen } from '../support/listening.ts';
import { freePort } from '../support/ports.ts';
import type { Fixture } from './fixture.ts';
import { introspectionAnswers, reviewBehaviours, sourceBehaviours } from './misbehaviour.ts';
import { revokedFile } from './revoked.ts';

type Issuer = NonNullable<ConfigInput['issuers']>[string];

/** Servers that an issuer consists of, each misbehaving in one way under a path of its own. */
export interface StandIns {
  /** Issuers whose keys are fetched, by what is wrong with them. */
  readonly jwks: Readonly<Record<string, Partial<Issuer>>>;
  /** Addresses of API servers, and of introspection endpoints. */
  readonly reviews: Readonly<Record<string, string>>;
  readonly introspections: Readonly<Record<string, string>>;
  readonly files: Readonly<
    Record<
      'ca' | 'token' | 'secret' | 'bundle' | 'partnerBundle' | 'revocations' | 'own' | 'nonceKey',
      string
    >
  >;
  readonly apiServer: ApiServer;
  stop(): Promise<void>;
}

/** Starts all of them on 127.0.0.1; when one part fails, what was started is ended again. */
export async function startStandIns(fixture: Fixture): Promise<StandIns> {
  const cleanups: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return { ...(await build(fixture, cleanups)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(fixture: Fixture, cleanups: (() => unknown)[]): Promise<Omit<StandIns, 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-hostile-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const file = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };

  const server = await startJwksServer({ signers: [fixture.keys.ec] });
  cleanups.push(server.stop);
  const origin = `http://127.0.0.1:${server.port}`;
  const nobody = await freePort();
  const jwks: Record<string, Partial<Issuer>> = {
    'keys-down': { issuer: 'https://keys-down.example.com', jwksUri: `http://127.0.0.1:${nobody}/jwks` },
    'keys-good': { issuer: 'https://keys-good.example.com', jwksUri: server.jwksUri },
  };
  for (const [name, { keys, metadata }] of Object.entries(
    sourceBehaviours(fixture, `${fixture.lure}/latest/meta-data`),
  )) {
    const issuer = `${origin}/${name}`;
    if (keys) server.behave(`/${name}/keys`, keys);
    if (metadata) {
      const document = { issuer, jwks_uri: `${origin}/${name}/keys`, ...metadata };
      const body = { kind: 'body' as const, body: JSON.stringify(document) };
      server.behave(`/${name}/.well-known/openid-configuration`, body);
    }
    jwks[name] = metadata ? { issuer } : { issuer, jwksUri: `${origin}/${name}/keys` };
  }
  for (const [name, { issuer = '' }] of Object.entries(jwks)) fixture.issuers[name] = issuer;

  const apiServer = await startApiServer({ ca: fixture.ca, caller: 'the-callers-own-token' });
  cleanups.push(apiServer.stop);
  const reviews: Record<string, string> = {};
  for (const [name, behaviour] of Object.entries(reviewBehaviours)) {
    reviews[name] = `${apiServer.url}/${name}`;
    apiServer.behave(`/${name}${apiServer.paths.reviews}`, behaviour);
  }

  const asked = await serve(cleanups, (request, response) => {
    const answer = introspectionAnswers(fixture)[(request.url ?? '').slice(1)];
    if (answer === 'hang') return;
    const { status = 200, body } = answer ?? { status: 404, body: '' };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  const introspections = Object.fromEntries(
    Object.keys(introspectionAnswers(fixture)).map((name) => [name, `${asked}/${name}`]),
  );
  return {
    jwks,
    reviews,
    introspections,
    files: {
      ca: await file('ca.pem', fixture.ca.certPem),
      token: await file('token', 'the-callers-own-token'),
      secret: await file('secret', 'the-secret-of-peerproof'),
      bundle: await file('bundle.pem', fixture.ca.certPem),
      revocations: await file('revocations.jsonl', revokedFile(fixture)),
      own: await file(
        'own.pem',
        fixture.keys.own.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      ),
      partnerBundle: await file('partner.pem', fixture.foreignCa.certPem),
      nonceKey: await file('nonce.key', `${'k'.repeat(40)}\n`),
    },
    apiServer,
  };
}

/** A server that would hand out the keys of a stranger, and counts who asks. */
export async function startLure() {
  const cleanups: (() => unknown)[] = [];
  let asked = 0;
  let keys: readonly unknown[] = [];
  const url = await serve(cleanups, (_, response) => {
    asked++;
    response.end(JSON.stringify({ keys }));
  });
  return {
    url,
    offer(list: readonly unknown[]): void {
      keys = list;
    },
    asked: () => asked,
    stop(): void {
      for (const cleanup of cleanups) cleanup();
    },
  };
}

async function serve(
  cleanups: (() => unknown)[],
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(handle);
  const port = await listen(server);
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}
