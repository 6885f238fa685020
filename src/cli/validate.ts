import { parseArgs } from 'node:util';
import { loadConfig } from '../config/load.ts';
import { listRules } from '../serve/create-policy.ts';
import { type Command, configOption, defaultFile, print } from './command.ts';

export const validateCommand: Command = {
  summary: 'Checks a configuration and prints every error with file, line and key.',
  usage: ['validate [--inject] [--config FILE]'],
  options: { ...configOption, '--inject': 'The file is a configuration of `peerproof inject`.' },
  examples: {
    'peerproof validate': 'Checks peerproof.yaml.',
    'peerproof validate --config staging.yaml': 'Checks another file.',
    'peerproof validate --inject --config inject.yaml': 'Checks a configuration of peerproof inject.',
  },
  async run(args) {
    const { values } = parseArgs({
      args,
      options: { config: { type: 'string' }, inject: { type: 'boolean' } },
    });
    const file = values.config ?? defaultFile;
    const { found, warnings, openPorts } = values.inject ? await validateInject(file) : validateConfig(file);
    for (const warning of [...warnings, ...openPorts]) print(`${file}: warning: ${warning}`);
    print(`${file}: valid: ${found}`);
    return 0;
  },
};

function validateConfig(file: string) {
  const { config, warnings, openPorts } = loadConfig(file);
  const found = `${Object.keys(config.issuers).length} issuers, ${listRules(config).length} rules`;
  return { found, warnings, openPorts };
}

async function validateInject(file: string) {
  const { loadInject } = await import('../inject/load.ts');
  const { config, warnings, openPorts } = loadInject(file);
  return { found: `${config.tokens.length} tokens`, warnings, openPorts };
}
