import { join } from 'node:path';
import { visible } from '../lib/visible.ts';
import { targetNames } from '../migrate/target.ts';
import { type Command, print, printError } from './command.ts';
import { Misuse } from './misuse.ts';

export const migrateCommand: Command = {
  summary: 'Translates a configuration of oauth2-proxy, and reports the result for each option.',
  usage: [
    'migrate oauth2-proxy [--cfg FILE] [--values FILE] [-- FLAGS...]',
    'migrate oauth2-proxy --for NAME --out DIR [--namespace NAME] [-- FLAGS...]',
  ],
  options: {
    '--cfg FILE': 'Configuration file of oauth2-proxy (TOML).',
    '--values FILE': 'Values of the oauth2-proxy Helm chart (YAML).',
    [`--for ${targetNames.join('|')}`]:
      'Writes a whole folder: configuration, manifests, report, and a README.md with the order of the commands.',
    '--out DIR': 'The folder to write. It must be new or empty.',
    '--namespace NAME':
      'A namespace of applications, for Kyma, Istio and Kubeflow. May be repeated. Default: `applications`; for Kubeflow, `kubeflow` is always one.',
    '--apirules FILE':
      'The output of `kubectl get apirules -A -o yaml`, for Kyma. Gives the namespaces and a patch for each APIRule.',
    '--authorizer NAME': 'The name of oauth2-proxy in the Istio resource of Kyma. Default: `oauth2-proxy`.',
    '--mesh FILE':
      "The output of `kubectl -n istio-system get configmap istio -o jsonpath='{.data.mesh}'`, for Istio and Kubeflow. Gives a patch that keeps the present providers.",
    '--image IMAGE': 'The image of Peerproof for the Deployment.',
    '-- FLAGS...': 'Command-line flags of oauth2-proxy.',
  },
  notes:
    'Also reads the environment variables of oauth2-proxy. Without --for, it writes the configuration to standard output and the report to standard error. It never replaces a file.',
  exitCodes: {
    0: 'Each given option is in the configuration, or is not needed. With --for: the folder can be used.',
    1: 'Something could not be carried over. The configuration is stricter then, or is not written. With --for: nothing was written, or every token is denied.',
  },
  examples: {
    'peerproof migrate oauth2-proxy --cfg oauth2-proxy.cfg > peerproof.yaml':
      'Translates a configuration file, and shows the report in the terminal.',
    'peerproof migrate oauth2-proxy --values values.yaml': 'Translates the values of the Helm chart.',
    'peerproof migrate oauth2-proxy --values values.yaml --for kyma --out peerproof --namespace shop':
      'Writes the folder peerproof for Kyma, for applications in the namespace shop.',
    'peerproof migrate oauth2-proxy -- --provider=oidc --oidc-issuer-url=https://login.example.com --client-id=shop':
      'Translates flags. The report says what they leave open.',
  },
  async run([from, ...args]) {
    if (from !== 'oauth2-proxy')
      throw new Misuse('name what to migrate from: oauth2-proxy is the only choice');
    const { migrateOauth2Proxy } = await import('../migrate/command.ts');
    const { configuration, report, folder, exitCode } = migrateOauth2Proxy(args, process.env);
    for (const line of report) printError(line);
    if (folder) {
      const { writeFolder } = await import('../migrate/write-folder.ts');
      writeFolder(folder.out, folder.files);
      print(visible(`wrote ${folder.files.length} files: begin with ${join(folder.out, 'README.md')}`));
    }
    if (configuration) print(configuration.replace(/\n$/, ''));
    return exitCode;
  },
};
