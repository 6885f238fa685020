import type { LoadedConfig } from '../config/load.ts';
import type { ServerTls } from '../http2/server-tls.ts';

/** The certificate of a port, with the files that were read with its configuration. */
export function readTls(
  tls: LoadedConfig['config']['grpc']['tls'],
  { files }: Pick<LoadedConfig, 'files'>,
): ServerTls | undefined {
  const read = (name: string) => files.get(name) ?? '';
  return (
    tls && {
      cert: read(tls.certFile),
      key: read(tls.keyFile),
      clientCa: tls.clientCaFile === undefined ? undefined : read(tls.clientCaFile),
    }
  );
}
