import { isRecord, type JsonObject, recordOf, textOf } from '../lib/json.ts';

/** The kind of the objects in which teams write their rules. */
export const ruleObjects = {
  group: 'peerproof.io',
  version: 'v1alpha1',
  kind: 'AuthorizationRules',
  plural: 'authorizationrules',
} as const;

/** One object, as far as it counts. Nothing of it was checked. */
export interface RuleObject {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** Differs from that of an object of the same name that was deleted before. */
  readonly uid: string;
  /** Counts the changes of what the team wrote. */
  readonly generation: number;
  /** Changes with each write, also of the status. */
  readonly resourceVersion: string;
  /** In the form of Kubernetes, which sorts as text. */
  readonly createdAt: string;
  /** What the team wrote, as JSON. Undefined if it is too large or too deep to be kept. */
  readonly spec: string | undefined;
  /** What was accepted last, if another process says it. The API server does not know it. */
  readonly lastGood?: string | undefined;
  /** Anybody may have written it, so it only shows whether it has to be written again. */
  readonly status: JsonObject | undefined;
}

/** Characters. The rules are refused above 256 KiB, and the message says so. */
const longestSpec = 300_000;
const longestStatus = 65_536;

/** Reads an object of the API server. Undefined if it has no name, which the API server never sends. */
export function readRuleObject(value: unknown): RuleObject | undefined {
  const { metadata, spec, status } = recordOf(value);
  const { namespace, name, uid, generation, resourceVersion, creationTimestamp } = recordOf(metadata);
  if (textOf(namespace) === '' || textOf(name) === '') return undefined;
  const text = boundedJson(spec ?? {}, longestSpec);
  return {
    key: `${namespace}/${name}`,
    ...{ namespace: textOf(namespace), name: textOf(name), uid: textOf(uid) },
    generation: typeof generation === 'number' ? generation : 0,
    resourceVersion: textOf(resourceVersion),
    createdAt: textOf(creationTimestamp),
    spec: text,
    status: isRecord(status) && boundedJson(status, longestStatus) !== undefined ? status : undefined,
  };
}

function boundedJson(value: unknown, longest: number): string | undefined {
  try {
    const text = JSON.stringify(value);
    return text.length > longest ? undefined : text;
  } catch {
    // Lists in lists can be deeper than the stack.
    return undefined;
  }
}
