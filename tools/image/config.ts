import { COMPILED } from './application.ts';
import type { Base } from './base.ts';
import type { FinalStage } from './dockerfile.ts';
import type { Layer } from './layer.ts';
import type { Architecture } from './platforms.ts';

const BASE_DIGEST = 'org.opencontainers.image.base.digest';

/** The configuration of an image, in the words of OCI. */
export interface ImageConfig {
  readonly config: { readonly Labels: Readonly<Record<string, string>> };
}

/** What the final stage of the Dockerfile says about running the image, except what only its own base and build make true. */
export function imageConfig(
  { labels, env, user, ports, entryPoint, command, folder }: FinalStage,
  { env: inherited, diffIds, history, isPinned }: Base,
  application: Layer,
  { architecture, created }: { readonly architecture: Architecture; readonly created: string },
): ImageConfig {
  const own = Object.entries(env).filter(([, value]) => value !== COMPILED);
  const { [BASE_DIGEST]: digest = '', ...others } = labels;
  return {
    ...{ created, architecture, os: 'linux' },
    config: {
      User: user,
      ExposedPorts: Object.fromEntries(ports.map((port) => [`${port}/tcp`, {}])),
      Env: [...inherited, ...own.map(([key, value]) => `${key}=${value}`)],
      Entrypoint: entryPoint,
      Cmd: command,
      WorkingDir: folder,
      Labels: isPinned ? { ...others, [BASE_DIGEST]: digest } : others,
    },
    rootfs: { type: 'layers', diff_ids: [...diffIds, application.diffId] },
    history: [...history, { created, created_by: `npm run image: ${application.made}` }],
  } as ImageConfig;
}
