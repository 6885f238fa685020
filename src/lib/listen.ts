import type { AddressInfo, Server } from 'node:net';

/**
 * Opens the port of a server. 0 means any free port.
 * @returns the port
 * @throws if it cannot be listened on
 */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> {
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(port, host, listening.resolve);
  await listening.promise;
  return (server.address() as AddressInfo).port;
}
