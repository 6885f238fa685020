import { COMPILED } from './application.ts';
import type { Base } from './base.ts';
import type { FinalStage } from './dockerfile.ts';
import type { Layer } from './layer.ts';
import type { Architecture } from './platforms.ts';

const BASE_DIGEST = 'org.opencontainers.image.base.digest';

/** The configuration of an image, in the words of OCI. */
export interface ImageConfig {
  readonly created: string;
  readonly architecture: Architecture;
  readonly os: 'linux';
  readonly config: {
    readonly User: string;
    readonly ExposedPorts: Readonly<Record<string, object>>;
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
    readonly WorkingDir: string;
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
  readonly history: readonly unknown[];
}

/** What the final stage of the Dockerfile says about running the image, except what only its own base and build make true. */
export function imageConfig(
  { labels, env, user, ports, entryPoint, command, folder }: FinalStage,
  { env: inherited, diffIds, history, isPinned }: Base,
  application: Layer,
  { architecture, created }: { readonly architecture: Architecture; readonly created: string },
): ImageConfig {
  const own = Object.entries(env).filter(([, value]) => value !== COMPILED);
  return {
    ...{ created, architecture, os: 'linux' },
    config: {
      User: user,
      ExposedPorts: Object.fromEntries(ports.map((port) => [`${port}/tcp`, {}])),
      Env: [...inherited, ...own.map(([key, value]) => `${key}=${value}`)],
      Entrypoint: entryPoint,
      Cmd: command,
      WorkingDir: folder,
      Labels: Object.fromEntries(
        Object.entries(labels).filter(([key, value]) => value !== '' && (isPinned || key !== BASE_DIGEST)),
      ),
    },
    rootfs: { type: 'layers', diff_ids: [...diffIds, application.diffId] },
    history: [...history, { created, created_by: `npm run image: ${application.made}` }],
  };
}
