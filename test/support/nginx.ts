import { access } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type PrivateServer,
  type ServerKind,
  type ServerOptions,
  startPrivateServer,
} from './private-server.ts';

const PID_FILE = 'nginx.pid';

const nginx: ServerKind = {
  name: 'nginx',
  configFile: 'nginx.conf',
  // One process and no master: it ends by its pid, leaves no workers behind, and stays the user who started it, also root.
  around: (http) => `
    daemon off;
    master_process off;
    pid ${PID_FILE};
    error_log stderr warn;
    events { worker_connections 512; }
    http {
      access_log off;
      client_body_temp_path body;
      proxy_temp_path proxy;
      fastcgi_temp_path fastcgi;
      uwsgi_temp_path uwsgi;
      scgi_temp_path scgi;
      ${http}
    }`,
  args: (folder) => ['-p', `${folder}/`, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'],
  // Written when every port is bound. A port that answers could be someone else's.
  ready: (folder) =>
    access(join(folder, PID_FILE)).then(
      () => true,
      () => false,
    ),
};

/** Starts an nginx on what stands in `http { … }`, and waits until it listens. */
export function startNginx(options: ServerOptions): Promise<PrivateServer> {
  return startPrivateServer(nginx, options);
}
