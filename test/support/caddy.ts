import { join } from 'node:path';
import {
  type PrivateServer,
  type ServerKind,
  type ServerOptions,
  startPrivateServer,
} from './private-server.ts';

const caddy: ServerKind = {
  name: 'caddy',
  configFile: 'Caddyfile',
  around: (sites) => `{
	admin off
	auto_https off
	default_bind 127.0.0.1
}
${sites}`,
  args: (folder) => ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'],
  env: (folder) => ({
    HOME: folder,
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CACHE_HOME: join(folder, 'cache'),
  }),
  // Said when every port is bound. A port that answers could be someone else's.
  ready: (_folder, child) => child.stderr().includes('serving initial configuration'),
};

/** Starts a Caddy on the sites of a Caddyfile, which has no global options then, and waits until it listens. */
export function startCaddy(options: ServerOptions): Promise<PrivateServer> {
  return startPrivateServer(caddy, options);
}
