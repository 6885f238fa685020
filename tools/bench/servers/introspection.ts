import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Introspection {
  readonly url: string;
  close(): void;
}

/** An introspection endpoint (RFC 7662) in this process. It is asked once for each token, before the clock runs. */
export async function startIntrospection(
  know: (token: string) => object | undefined,
): Promise<Introspection> {
  const server = createServer(async (request, response) => {
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const token = new URLSearchParams(Buffer.concat(body).toString()).get('token') ?? '';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(know(token) ?? { active: false }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/introspect`, close: () => server.close() };
}
