import { parseArgs } from 'node:util';
import { type Command, defaultInjectFile, serviceCodes } from './command.ts';
import { runService } from './service.ts';

export const injectCommand: Command = {
  summary: 'Adds tokens to outbound requests. Runs until SIGTERM.',
  usage: ['inject [--config FILE]'],
  options: { '--config FILE': `The configuration file. Default: \`${defaultInjectFile}\`.` },
  exitCodes: serviceCodes,
  examples: {
    'peerproof inject': 'Reads inject.yaml.',
    'peerproof inject --config /etc/peerproof/inject.yaml': 'Reads another file.',
    'peerproof validate --inject': 'Checks inject.yaml before it is used.',
  },
  async run(args) {
    const { values } = parseArgs({ args, options: { config: { type: 'string' } } });
    const [{ loadInject }, { startInject }] = await Promise.all([
      import('../inject/load.ts'),
      import('../inject/start.ts'),
    ]);
    const loaded = loadInject(values.config ?? defaultInjectFile);
    return runService(loaded, (log, onDropped) => startInject(loaded, { log, onDropped }));
  },
};
