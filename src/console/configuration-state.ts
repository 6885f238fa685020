import { commandLine } from '../config/flags.ts';
import type { ConsoleSource, ProcessView } from '../serve/console-source.ts';

/** Which configuration runs, and whether it is the one in the file. */
export interface ConfigurationFacts {
  readonly file: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly loadedAt: number | undefined;
  readonly isOfFile: boolean;
  readonly sentence: string;
  /** What is wrong with the file: file, line, key and message, one line each. */
  readonly refused: readonly string[];
}

/** Problems of a refused file. More are in the log. */
const mostProblems = 20;

export function configurationFacts(
  { loaded }: ConsoleSource,
  views: readonly ProcessView[],
): ConfigurationFacts {
  const { file, version } = loaded();
  const states = views.map(({ configuration }) => configuration);
  const refused = states.find(({ failure }) => failure !== undefined)?.failure;
  const others = states.filter((state) => state.version !== version).length;
  const difference =
    refused !== undefined
      ? 'it is refused, and the earlier one stays in use.'
      : states.some(({ restartNeeded }) => restartNeeded)
        ? 'a part of it needs a restart (listen, grpc or the kind of TLS).'
        : others > 0
          ? 'it is being applied.'
          : undefined;
  return {
    ...{ file, version },
    loadedAt: states.reduce<number | undefined>(
      (last, { loadedAt }) => Math.max(last ?? 0, loadedAt),
      undefined,
    ),
    isOfFile: difference === undefined,
    sentence:
      difference !== undefined
        ? `The file differs from the running configuration: ${difference}`
        : file === commandLine
          ? 'The running configuration comes from the command line.'
          : 'The running configuration is the one in the file.',
    refused: refused?.split('\n', mostProblems) ?? [],
  };
}
