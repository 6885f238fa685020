import { basename, dirname } from 'node:path';
import * as z from 'zod';
import * as field from './fields.ts';

/** A namespace of Kubernetes. */
const namespace = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be a namespace: 1 to 63 characters of a-z 0-9 -, such as payments',
  );

const delegation = z
  .strictObject({
    owner: field.name.describe(
      'The name of the team. The log and the metrics call its rules `<owner>/<rule>`. Its file is called like this.',
    ),
    namespaces: field.list(
      namespace,
      'The Kubernetes namespaces of the team. The ServiceAccounts in them are its `destinations`, unless these are set.',
    ),
    destinations: z
      .array(field.spiffePattern)
      .optional()
      .describe(
        'SPIFFE IDs of the workloads that the team may write rules for. Default: `spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/*` for each trust domain and namespace.',
      ),
    hosts: field.list(
      field.hostPattern,
      'Hosts that its rules may name. Each of its rules must then name its hosts, and cannot be for connections. Empty: any, in a rule that also names destinations.',
    ),
    issuers: field.list(
      field.name,
      'Issuers whose tokens its rules may accept. Each of its rules must then name its issuers. Empty: all.',
    ),
    context: z
      .array(field.text)
      .max(4, 'must hold at most 4 names, because every check looks for each combination of them')
      .default([])
      .describe('Names in `match.context` that its rules may use.'),
    mayBePublic: field.flag('Its rules may have `public: true` and `token: optional`.'),
    mayObserve: field.flag('Its rules may have `mode` and `require.observe`.'),
    mayOmitDestinations: field.flag(
      'A rule may name only `hosts`, as rules for a gateway do. A sidecar accepts every Host, so such a rule also holds at the workloads of other teams. Without effect if the team has no destinations: its rules then only name hosts.',
    ),
    maxRules: z.int().min(1).max(1_000).default(100).describe('The most rules of the team.'),
  })
  .describe('What one team may write rules for.');

export type Delegation = z.output<typeof delegation>;

export const delegations = z
  .array(delegation)
  .default([])
  .describe(
    'What each team may write rules for. Its rules come after `rules` and `workloads`, in the order of this list. A rule that reaches further is refused.',
  );

export const include = field.optional(
  z
    .string()
    .refine(isFolderOfFiles, 'must be a folder of its own and a name with one *, such as rules.d/*.yaml'),
  'The files of the teams, such as `rules.d/*.yaml`. The `*` is the owner. A broken file is left out, and its last good content stays at work. A file holds at most 64 KiB, or 655 bytes for each of `maxRules` up to 256 KiB.',
);

/** The folder of the configuration has other files too. */
function isFolderOfFiles(pattern: string): boolean {
  const folder = dirname(pattern);
  return /[^./]/.test(folder) && !folder.includes('*') && basename(pattern).split('*').length === 2;
}
