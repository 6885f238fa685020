import * as z from 'zod';
import * as field from './fields.ts';

const kubernetes = z
  .strictObject({
    apiServer: field.optional(field.url, 'Default: the API server of the cluster that Peerproof runs in.'),
    tokenFile: field.optional(
      field.text,
      'File of the token that Peerproof sends to the API server. Default: the token of its pod. The file is read again when it changes.',
    ),
    ca: field.optional(
      field.text,
      'PEM file of the certificate authorities that are trusted for connections to it. Default: those of the pod.',
    ),
    cacheFile: field.optional(
      field.text,
      'A file in which Peerproof keeps the rules that it knows. A start reads it if the API server does not answer. Without it such a start waits, and /readyz is 503.',
    ),
    allowInsecureHttp: field.flag('Allows plain http to a host other than this machine.'),
  })
  .describe(
    'The AuthorizationRules in the namespaces of the teams. Peerproof watches them, and writes their status.',
  );

/** Where rules of teams come from, beside `include`. */
export const rulesFrom = z
  .strictObject({ kubernetes: kubernetes.optional() })
  .describe(
    'Where teams write their rules, beside `include`. What they may rule over is delegated to them in `delegate`.',
  );

export type RulesFromCluster = z.output<typeof kubernetes>;
