import type { LoadedConfig } from '../config/load.ts';
import { findOwnIdentity } from '../config/own-identity.ts';
import type { Check } from '../core/check.ts';
import type { Evidence } from '../core/evidence.ts';
import type { RefusalStyle } from '../core/refusal.ts';
import type { Resources } from '../core/resource/resource.ts';
import { type GrpcServer, startGrpcServer } from '../grpc/check-server.ts';
import { type HttpDoor, startHttpDoor } from '../http/door.ts';
import { type PublishedKeys, startKeysDoor } from '../http/keys-door.ts';
import { createHttpSettings, stylesOf } from '../http/settings.ts';
import type { HttpServer } from '../http/transport/server.ts';
import { type MetadataServer, startMetadataServer } from '../operate/metadata-server.ts';
import { readTls } from './read-tls.ts';
import { unreadBy } from './unread-by.ts';

/** What the ports ask of the running configuration. */
interface InForce {
  readonly needsBody: (evidence: Evidence) => boolean;
  readonly resources: () => Resources | undefined;
  readonly published: () => PublishedKeys | undefined;
}

/** The ports that take checks, and those for documents. */
export interface Doors {
  readonly grpc: GrpcServer;
  /** Only if it is configured. */
  readonly http?: HttpDoor;
  /** The documents about resources. Only if it is configured. */
  readonly metadata?: MetadataServer;
  /** Only if it is configured. Shows the public keys of internal tokens. */
  readonly keys?: HttpServer;
  /** Applies the settings that can change while the doors are open. @returns whether these are all changes */
  adopt(loaded: LoadedConfig): boolean;
}

/**
 * Opens the doors of a configuration. All of them use the same `check`. Where a body arrives after the check,
 * `needsBody` says whether to wait for it.
 * @throws if a port cannot be listened on; then none stays open
 */
export async function openDoors(
  loaded: LoadedConfig,
  check: Check,
  clock: () => number,
  inForce: InForce,
): Promise<Doors> {
  const { listen, grpc: options } = loaded.config;
  let style = grpcStyle(loaded);
  let unread = unreadBy(loaded);
  const open: { close(timeout: number): Promise<void> }[] = [];
  const opened = async <Port extends (typeof open)[number]>(opening: Promise<Port>): Promise<Port> => {
    try {
      const port = await opening;
      open.push(port);
      return port;
    } catch (error) {
      await Promise.all(open.map((one) => one.close(0)));
      throw error;
    }
  };
  const grpc = await opened(
    startGrpcServer({
      ...listen.grpc,
      ...options,
      tls: readTls(loaded.config.grpc.tls, loaded),
      style: () => style,
      unread: () => unread,
      check,
    }),
  );
  const common = {
    tls: readTls(loaded.config.http.tls, loaded),
    settings: readHttpSettings(loaded),
    check,
    clock,
  };
  const { needsBody, resources, published } = inForce;
  const http = listen.http && (await opened(startHttpDoor({ ...listen.http, ...common, needsBody })));
  const metadata = listen.metadata && (await opened(startMetadataServer(listen.metadata, resources)));
  const keys = listen.keys && (await opened(startKeysDoor({ ...listen.keys, published })));
  return {
    ...{ grpc, ...(http && { http }), ...(metadata && { metadata }), ...(keys && { keys }) },
    adopt(next) {
      style = grpcStyle(next);
      unread = unreadBy(next);
      const [grpcTls, httpTls] = [next.config.grpc.tls, next.config.http.tls].map((tls) =>
        readTls(tls, next),
      );
      if (grpcTls) grpc.replaceCertificate(grpcTls);
      if (httpTls) http?.replaceCertificate(httpTls);
      http?.adopt(readHttpSettings(next));
      return fixedPart(next) === fixedPart(loaded);
    },
  };
}

/** The settings that are fixed when the doors open: all but certificates and the form of answers. */
function fixedPart({ config: { listen, grpc, http } }: LoadedConfig): string {
  const kinds = [grpc.tls, http.tls].map((tls) => tls && [tls.clientCaFile !== undefined]);
  return JSON.stringify([listen, { ...grpc, tls: undefined }, kinds]);
}

function readHttpSettings({ config, files }: LoadedConfig) {
  return createHttpSettings(config, findOwnIdentity(config, files));
}

function grpcStyle({ config }: LoadedConfig): RefusalStyle {
  return stylesOf(config).check.refusals;
}
