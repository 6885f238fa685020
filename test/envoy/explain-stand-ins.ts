import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startApiServer } from '../support/api-server.ts';
import { createCa } from '../support/ca.ts';
import { closer, listen } from '../support/listening.ts';

/** An API server and an authorization server that say no, or nothing, and the files to ask them with. */
export interface StandIns {
  /** Refuses each token; below `/forbidden` nobody may ask. */
  readonly apiServer: string;
  /** Calls each token inactive, but fails if asked about `break`, and takes its time for `wait`. */
  readonly introspection: string;
  readonly files: Readonly<Record<'ca' | 'token' | 'secret', string>>;
  /** Resolves when it is asked about `wait`. It answers as soon as the function is called. */
  nextQuestion(): Promise<() => void>;
  stop(): Promise<void>;
}

const caller = 'the-callers-own-token';

export async function startStandIns(): Promise<StandIns> {
  const ca = await createCa();
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-explain-'));
  const file = async (name: string, content: string) => {
    const path = join(folder, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  const apiServer = await startApiServer({ ca, caller });
  apiServer.behave(`/forbidden${apiServer.paths.reviews}`, { kind: 'forbidden' });
  const server = createServer(async (request, response) => {
    const token = new URLSearchParams(await text(request)).get('token') ?? '';
    const status = token === 'break' ? 500 : 200;
    const answer = () =>
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"active":false}');
    if (token === 'wait') server.emit('question', answer);
    else answer();
  });
  const close = closer(server);
  const port = await listen(server);
  return {
    apiServer: apiServer.url,
    introspection: `http://127.0.0.1:${port}`,
    files: {
      ca: await file('ca.pem', ca.certPem),
      token: await file('token', caller),
      secret: await file('secret', 'the-secret-of-peerproof'),
    },
    nextQuestion: async () => (await once(server, 'question'))[0],
    async stop() {
      await close();
      await apiServer.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
