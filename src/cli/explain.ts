import { parseArgs } from 'node:util';
import { type Command, configOption, defaultFile, objectsOption, print, printError } from './command.ts';
import { startProgress } from './progress.ts';

const text = { type: 'string' } as const;
const list = { type: 'string', multiple: true } as const;

export const explainCommand: Command = {
  summary: 'Says why a request is allowed or denied, and which change of the configuration would allow it.',
  usage: [
    'explain [--config FILE] --id DECISION_ID --log FILE',
    "explain [--config FILE] --line 'LINE'",
    'explain [--config FILE] --host HOST [--method M] [--path PATH] [--token TOKEN] [--cert @FILE]',
    "explain [--config FILE] --curl 'curl …'",
    'explain [--config FILE] --check FILE',
  ],
  options: {
    ...configOption,
    ...objectsOption,
    '--id ID':
      'A decision in the log: its `decision_id`, `request_id` or `trace_id`. Default: the first one.',
    '--log FILE': 'The decision log. `-` is standard input, which is the default.',
    '--line LINE': 'One line of the decision log.',
    '--method METHOD': 'The method of a request. Default: GET.',
    '--host HOST': 'Its host, with the port if the client sends it.',
    '--path PATH': 'Its path with the query. Default: /.',
    "--header 'N: V'": 'A header of it. May be repeated.',
    '--token TOKEN': 'Its access token, or @FILE.',
    '--cert @FILE': 'The client certificate that the proxy sees, as PEM.',
    '--xfcc TEXT': 'x-forwarded-client-cert as the proxy sends it, or @FILE.',
    '--destination ID': 'The SPIFFE ID of the called workload, as its proxy states it.',
    '--port PORT': 'The port of the destination.',
    '--context N=V': 'A value of context_extensions. May be repeated.',
    "--curl 'curl …'": 'A command line of curl that sends the request.',
    '--check FILE': 'A recorded CheckRequest as JSON.',
    '--keys NAME=FILE': 'The JWK Set of an issuer. May be repeated.',
    '--fetch': 'Fetches keys and bundles, and asks issuers, as the running service does.',
    '--now TIME': 'The time of the check, such as 2026-01-31T12:00:00Z. Default: now.',
    '--format text|json': 'How the answer is written. Default: `text`.',
    '--show-secrets': 'Shows tokens and other secrets. They are masked otherwise.',
  },
  notes:
    'The decision about a request is made by the check of the service. Without --fetch, nothing is fetched. If the keys of an issuer are not here, its token counts as signed, and the answer says so.',
  exitCodes: {
    0: 'The request is allowed.',
    1: 'It is denied.',
    2: 'The arguments are wrong, or a file cannot be used.',
  },
  examples: {
    'peerproof explain --id 6f1c9a04-52c3-4d1e-9f0b-0d1b7f5c2a11 --log decisions.log':
      'Explains a decision in a log.',
    'kubectl logs deploy/peerproof | peerproof explain --id 6f1c9a04-52c3-4d1e-9f0b-0d1b7f5c2a11':
      'Does the same with the log of a pod.',
    'peerproof explain --host orders.example.com --path /orders/7 --token @token --cert @client.pem':
      'Decides about a request, and explains the decision.',
    'peerproof explain --curl \'curl -H "Authorization: Bearer eyJ…" https://orders.example.com/orders/7\'':
      'Does the same for a command line of curl.',
  },
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        ...{
          config: text,
          objects: text,
          id: text,
          log: text,
          line: text,
          method: text,
          host: text,
          path: text,
        },
        ...{ header: list, token: text, cert: text, xfcc: text, destination: text, port: text },
        ...{ context: list, curl: text, check: text, keys: list, now: text, format: text },
        fetch: { type: 'boolean' },
        'show-secrets': { type: 'boolean' },
      },
    });
    const { explain } = await import('../explain/command.ts');
    const colored = process.stdout.isTTY && !process.env.NO_COLOR;
    const progress = startProgress('explaining');
    const options = { ...values, config: values.config ?? defaultFile, onStep: progress.step };
    const { exitCode, text: answer } = await explain(options, colored).finally(progress.end);
    if (exitCode === 2) printError(answer);
    else print(answer);
    return exitCode;
  },
};
