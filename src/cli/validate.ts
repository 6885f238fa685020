import { parseArgs } from 'node:util';
import { loadConfig } from '../config/load.ts';
import { loadInject } from '../inject/load.ts';
import { rulesOf } from '../serve/policy.ts';
import { type Command, configOption, defaultFile, print } from './command.ts';

export const validateCommand: Command = {
  summary: 'Checks a configuration and prints every error with file, line and key.',
  usage: ['validate [--inject] [--config FILE]'],
  options: { ...configOption, '--inject': 'The file is a configuration of `peerproof inject`.' },
  async run(args) {
    const { values } = parseArgs({
      args,
      options: { config: { type: 'string' }, inject: { type: 'boolean' } },
    });
    const file = values.config ?? defaultFile;
    const { good, warnings, openPorts } = values.inject ? goodInject(file) : goodConfig(file);
    for (const warning of [...warnings, ...openPorts]) print(`${file}: warning: ${warning}`);
    print(`${file}: good: ${good}`);
    return 0;
  },
};

function goodConfig(file: string) {
  const { config, warnings, openPorts } = loadConfig(file);
  const good = `${Object.keys(config.issuers).length} issuers, ${rulesOf(config).length} rules`;
  return { good, warnings, openPorts };
}

function goodInject(file: string) {
  const { config, warnings, openPorts } = loadInject(file);
  return { good: `${config.tokens.length} tokens`, warnings, openPorts };
}
