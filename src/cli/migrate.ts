import { type Command, print, printError } from './command.ts';
import { Misuse } from './misuse.ts';

export const migrateCommand: Command = {
  summary: 'Translates a configuration of oauth2-proxy, and reports the result for each option.',
  usage: ['migrate oauth2-proxy [--cfg FILE] [--values FILE] [-- FLAGS...]'],
  options: {
    '--cfg FILE': 'Configuration file of oauth2-proxy (TOML).',
    '--values FILE': 'Values of the oauth2-proxy Helm chart (YAML).',
    '-- FLAGS...': 'Command-line flags of oauth2-proxy.',
  },
  notes:
    'Also reads the environment variables of oauth2-proxy. Writes the configuration to standard output and the report to standard error.',
  exitCodes: {
    0: 'Each given option is in the configuration, or is not needed.',
    1: 'Something could not be carried over. The configuration is stricter then, or is not written.',
  },
  examples: {
    'peerproof migrate oauth2-proxy --cfg oauth2-proxy.cfg > peerproof.yaml':
      'Translates a configuration file, and shows the report in the terminal.',
    'peerproof migrate oauth2-proxy --values values.yaml': 'Translates the values of the Helm chart.',
    'peerproof migrate oauth2-proxy -- --provider=oidc --oidc-issuer-url=https://issuer.example.com':
      'Translates flags.',
  },
  async run([from, ...args]) {
    if (from !== 'oauth2-proxy')
      throw new Misuse('name what to migrate from: oauth2-proxy is the only choice');
    const { migrateOauth2Proxy } = await import('../migrate/command.ts');
    const { configuration, report, exitCode } = migrateOauth2Proxy(args, process.env);
    for (const line of report) printError(line);
    if (configuration) print(configuration.replace(/\n$/, ''));
    return exitCode;
  },
};
