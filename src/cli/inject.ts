import { parseArgs } from 'node:util';
import { runUntilStopped } from '../operate/run.ts';
import { type Command, configOption, defaultFile } from './command.ts';

export const injectCommand: Command = {
  summary: 'Adds tokens to outbound requests. Runs until SIGTERM.',
  usage: ['inject [--config FILE]'],
  options: configOption,
  examples: {
    'peerproof inject': 'Reads peerproof.yaml.',
    'peerproof inject --config inject.yaml': 'Reads another file.',
    'peerproof validate --inject --config inject.yaml': 'Checks such a file before it is used.',
  },
  async run(args) {
    const { values } = parseArgs({ args, options: { config: { type: 'string' } } });
    const [{ loadInject }, { startInject }] = await Promise.all([
      import('../inject/load.ts'),
      import('../inject/start.ts'),
    ]);
    const loaded = loadInject(values.config ?? defaultFile);
    return runUntilStopped((log, onDropped) => startInject(loaded, { log, onDropped }));
  },
};
