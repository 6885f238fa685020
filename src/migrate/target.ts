import type { ConfigInput } from '../config/schema.ts';
import type { ApiRule } from './api-rules.ts';
import type { Comments } from './document.ts';
import type { Report } from './report.ts';

/** A file of the folder, by its path in there. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** What the manifests need, and oauth2-proxy did not say. */
export interface Place {
  /** The namespaces of the applications. */
  readonly namespaces: readonly string[];
  /** Undefined: that of the manifests, which is an example. */
  readonly image: string | undefined;
  /** The APIRules that ask oauth2-proxy. Undefined: they are not known. */
  readonly apiRules: readonly ApiRule[] | undefined;
  /** The name of oauth2-proxy in the list of authorizers. */
  readonly authorizer: string;
  /** The mesh configuration of Istio, as its ConfigMap has it. Undefined: it is not known. */
  readonly mesh: string | undefined;
}

/** The configuration as data, and as the text of `peerproof.yaml`. */
export interface Written {
  readonly configuration: ConfigInput;
  readonly text: string;
}

/** Paths without a token that oauth2-proxy keeps, because requests to them do not reach Peerproof. */
export interface PathsElsewhere {
  readonly pattern: RegExp;
  /** Who answers them, for the report. */
  readonly why: string;
}

/** Where Peerproof is to run: what differs there from the place of oauth2-proxy. */
export interface Target {
  /** The ports of the manifests, in place of the addresses of oauth2-proxy. */
  readonly door: Pick<ConfigInput, 'listen' | 'http'>;
  /** Whether Envoy asks, and sends the request itself. */
  readonly envoy: boolean;
  /** How to accept a token only from its sender. */
  readonly tighten: string;
  /** Comments that stand in place of the usual ones. */
  readonly comments: Comments;
  /** The namespaces of the applications, if none is named. None: the example of the manifests, and a warning. */
  readonly namespaces?: readonly string[];
  readonly elsewhere?: PathsElsewhere;
  /** CEL that every token must meet here as well. */
  conditions?(identity: ConfigInput['identity']): readonly string[];
  /** Adds what only this target needs. Never makes a rule wider. */
  adapt(configuration: ConfigInput, place: Place, report: Report): ConfigInput;
  /** The files beside `peerproof.yaml` and `report.md`. */
  files(written: Written, place: Place): readonly TextFile[];
}

/** The places that `--for` can name. */
export const targetNames = ['kyma', 'istio', 'nginx', 'kubeflow'] as const;
export type TargetName = (typeof targetNames)[number];

export function isTargetName(name: string): name is TargetName {
  return targetNames.some((one) => one === name);
}
