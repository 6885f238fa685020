import { isLoopback } from '../lib/loopback.ts';

interface Address {
  readonly host: string;
  readonly port: number;
}

interface Door {
  readonly tls?: { readonly certFile: string; readonly clientCaFile?: string | undefined } | undefined;
}

/** The settings of ports, of `serve` or of `inject`. */
export interface Ports {
  readonly listen: { readonly grpc: Address; readonly http?: Address | undefined; readonly admin: Address };
  readonly grpc: Door;
  readonly http?: Door;
}

/** A port that answers every client that can reach it. The message begins with its address. */
export interface OpenPort {
  readonly name: keyof Ports['listen'];
  readonly message: string;
}

/** The open ports for the log, one text each. */
export function openPorts(ports: Ports): string[] {
  return findOpenPorts(ports).map(({ name, message }) => `listen.${name} ${message}`);
}

/**
 * The ports that answer every client that can reach them, each with a way to close it. Only looks at the
 * settings: the process cannot see whether a NetworkPolicy protects a port.
 */
export function findOpenPorts({ listen, grpc, http }: Ports): OpenPort[] {
  const found: OpenPort[] = [];
  const say = (name: OpenPort['name'], { host, port }: Address, what: string) => {
    const shown = host.includes(':') ? `[${host}]` : host;
    if (!isLoopback(host)) found.push({ name, message: `${shown}:${port} ${what}, or listen on 127.0.0.1` });
  };
  const checks = (tls: Door['tls']) =>
    `trusts every client that can reach it (${tls ? 'TLS without client certificates' : 'plaintext'})`;
  if (!grpc.tls?.clientCaFile)
    say(
      'grpc',
      listen.grpc,
      `${checks(grpc.tls)}: set grpc.tls.clientCaFile, or apply the policies of kustomize/overlays/istio`,
    );
  if (listen.http && !http?.tls?.clientCaFile)
    say(
      'http',
      listen.http,
      `${checks(http?.tls)}: set http.tls.clientCaFile, or apply the policies of kustomize/overlays/kyma`,
    );
  const overlay = listen.http ? 'kyma' : 'istio';
  const policy = `kustomize/overlays/${overlay}/network-policy.yaml`;
  say('admin', listen.admin, `shows metrics to every client that can reach it: apply ${policy}`);
  return found;
}
