import { isRecord, type JsonObject, listOf, recordOf } from '../lib/json.ts';
import { wrongScheme } from '../sources/https-only.ts';
import { findCluster } from './cluster.ts';
import type { Warn } from './weakness.ts';

interface Told {
  readonly say: (path: readonly PropertyKey[], message: string) => void;
  /** Names a file that must be read. */
  readonly want: (path: readonly PropertyKey[], file: unknown) => void;
  readonly warn: Warn;
}

/** Checks `rulesFrom` against the other settings. The document may have any shape. */
export function crossCheckRulesFrom(root: JsonObject, { say, want, warn }: Told): void {
  if (root.rulesFrom === undefined) return;
  const { kubernetes } = recordOf(root.rulesFrom);
  if (!isRecord(kubernetes)) {
    say(['rulesFrom'], 'names nothing: write kubernetes: {} for the cluster that Peerproof runs in');
    return;
  }
  const path = ['rulesFrom', 'kubernetes'];
  if (listOf(root.delegate).length === 0)
    say(path, 'needs delegate: without it each of these objects is refused');
  checkNamespaces(root, say);
  const wrong = wrongScheme(kubernetes.apiServer, kubernetes.allowInsecureHttp);
  if (wrong) say([...path, 'apiServer'], wrong);
  const cluster = findCluster({ kubernetes, ca: kubernetes.ca });
  if (!cluster)
    say(
      [...path, 'apiServer'],
      'is missing, and Peerproof does not run in a pod: set a URL, such as https://10.0.0.1:6443',
    );
  want([...path, 'ca'], cluster?.ca);
  want([...path, 'tokenFile'], cluster?.tokenFile);
  if (kubernetes.allowInsecureHttp === true)
    warn(
      'insecure-setting',
      [...path, 'allowInsecureHttp'],
      'rules of teams are fetched over plain http, and our token is sent over it',
    );
}

/** The namespace of an object says whose it is. */
function checkNamespaces(root: JsonObject, say: Told['say']): void {
  const owners = new Map<unknown, unknown>();
  for (const [at, delegation] of listOf(root.delegate).map(recordOf).entries())
    for (const [index, namespace] of listOf(delegation.namespaces).entries()) {
      const other = owners.get(namespace);
      if (other !== undefined && other !== delegation.owner)
        say(
          ['delegate', at, 'namespaces', index],
          `is also a namespace of ${other}: with rulesFrom each namespace belongs to one owner`,
        );
      owners.set(namespace, delegation.owner ?? '');
    }
}
