import type { LoadedConfig } from '../config/load.ts';
import { ownIdentityOf } from '../config/own-identity.ts';
import type { Check } from '../core/check.ts';
import type { RefusalStyle } from '../core/refusal.ts';
import { type GrpcServer, startGrpcServer } from '../grpc/check-server.ts';
import { type HttpDoor, startHttpDoor } from '../http/door.ts';
import { createHttpSettings, stylesOf } from '../http/settings.ts';
import type { ServerTls } from '../http2/server-tls.ts';

/** The ports that take checks. */
export interface Doors {
  readonly grpc: GrpcServer;
  /** Only if it is configured. */
  readonly http?: HttpDoor;
  /** Applies the settings that can change while the doors are open. @returns whether these are all changes */
  adopt(loaded: LoadedConfig): boolean;
}

/**
 * Opens the doors of a configuration. All of them use the same `decide`.
 * @throws if a port cannot be listened on; then none stays open
 */
export async function openDoors(loaded: LoadedConfig, decide: Check, clock: () => number): Promise<Doors> {
  const { listen, grpc: options } = loaded.config;
  let style = styleOf(loaded);
  const grpc = await startGrpcServer({
    ...listen.grpc,
    ...options,
    tls: tlsOf(loaded, 'grpc'),
    style: () => style,
    decide,
  });
  const http = listen.http && {
    ...listen.http,
    tls: tlsOf(loaded, 'http'),
    settings: httpSettingsOf(loaded),
  };
  const httpDoor = http
    ? await startHttpDoor({ ...http, decide, clock }).catch(async (error) => {
        await grpc.close(0);
        throw error;
      })
    : undefined;
  return {
    grpc,
    ...(httpDoor && { http: httpDoor }),
    adopt(next) {
      style = styleOf(next);
      const [grpcTls, httpTls] = [tlsOf(next, 'grpc'), tlsOf(next, 'http')];
      if (grpcTls) grpc.replaceCertificate(grpcTls);
      if (httpTls) httpDoor?.replaceCertificate(httpTls);
      httpDoor?.adopt(httpSettingsOf(next));
      return fixedPart(next) === fixedPart(loaded);
    },
  };
}

/** The settings that are fixed when the doors open: all but certificates and the form of answers. */
function fixedPart({ config: { listen, grpc, http } }: LoadedConfig): string {
  const kinds = [grpc.tls, http.tls].map((tls) => tls && [tls.clientCaFile !== undefined]);
  return JSON.stringify([listen, { ...grpc, tls: undefined }, kinds]);
}

function httpSettingsOf({ config, files }: LoadedConfig) {
  return createHttpSettings(config, ownIdentityOf(config, files));
}

function styleOf({ config }: LoadedConfig): RefusalStyle {
  return stylesOf(config).check.refusals;
}

function tlsOf({ config, files }: LoadedConfig, door: 'grpc' | 'http'): ServerTls | undefined {
  const { tls } = config[door];
  const read = (name: string) => files.get(name) ?? '';
  return (
    tls && {
      cert: read(tls.certFile),
      key: read(tls.keyFile),
      clientCa: tls.clientCaFile === undefined ? undefined : read(tls.clientCaFile),
    }
  );
}
