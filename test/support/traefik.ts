import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from './ports.ts';
import { startProcess } from './processes.ts';

/** A running Traefik with one entry point. */
export interface Traefik {
  readonly port: number;
  stop(): Promise<void>;
}

/** `TRAEFIK_BIN`, else what is in PATH. Debian has no package of it, so most machines have none, and its test is skipped. */
export function findTraefik(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const places = [process.env.TRAEFIK_BIN ?? '', ...folders.map((folder) => join(folder, 'traefik'))];
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Starts it on a dynamic configuration that names the entry point `websecure`, and waits until it answers.
 * @param files beside the configuration, which gets their folder
 */
export async function startTraefik(
  binary: string,
  files: Readonly<Record<string, string>>,
  dynamic: (folder: string) => string,
): Promise<Traefik> {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-traefik-'));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const [port, admin] = [await freePort(), await freePort()];
  const configFile = write(
    'traefik.yaml',
    stringify({
      global: { checkNewVersion: false, sendAnonymousUsage: false },
      entryPoints: {
        websecure: { address: `127.0.0.1:${port}` },
        admin: { address: `127.0.0.1:${admin}` },
      },
      ping: { entryPoint: 'admin' },
      providers: { file: { filename: write('dynamic.yaml', dynamic(folder)), watch: false } },
    }),
  );
  const child = await startProcess({
    name: 'traefik',
    command: binary,
    args: [`--configFile=${configFile}`],
    ready: () =>
      fetch(`http://127.0.0.1:${admin}/ping`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  return {
    port,
    stop: async () => {
      await child.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
