import { parseAllDocuments } from 'yaml';
import { isRecord, type JsonObject, listOf, recordOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Report } from './report.ts';

/** An APIRule of Kyma that asks oauth2-proxy. */
export interface ApiRule {
  readonly namespace: string;
  readonly name: string;
  /** The namespaces of the Services behind it: their sidecars ask. */
  readonly asking: readonly string[];
  /** The rules that name the authorizer, by their index, and all authorizers of each. */
  readonly rules: readonly { readonly index: number; readonly authorizers: readonly string[] }[];
}

/** Names of Kubernetes. They become names of files, so nothing else passes. */
const plainName = /^[a-z0-9](?:[-a-z0-9.]{0,238}[a-z0-9])?$/;

/**
 * Reads the output of `kubectl get apirules -A -o yaml`, and returns those that name this authorizer. If there
 * is none, the report has an error. Does **not** check what else an APIRule says.
 */
export function readApiRules(text: string, file: string, authorizer: string, report: Report): ApiRule[] {
  const items = itemsOf(text);
  if (!items) {
    report.fail(`--apirules: ${file} must be the output of kubectl get apirules -A -o yaml`);
    return [];
  }
  const found = items.flatMap((item, at) => {
    const rule = readApiRule(item, authorizer);
    if (!(rule instanceof Malformed)) return rule ?? [];
    report.fail(`--apirules: item ${at + 1} of ${file}: ${rule.why}`);
    return [];
  });
  const [again] = found.filter((one, at) => found.some((other, from) => from < at && isSame(one, other)));
  if (again) report.fail(`--apirules: ${file} has the APIRule ${again.namespace}/${again.name} twice`);
  if (found.length === 0 && !report.failed)
    report.fail(
      `--apirules: no APIRule in ${file} names the authorizer ${authorizer}: set --authorizer NAME`,
    );
  return found;
}

/** The APIRules of a list, or of single documents. Undefined if the text is something else. */
function itemsOf(text: string): readonly JsonObject[] | undefined {
  try {
    const documents = parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false });
    if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined;
    const values = documents.map((document) => document.toJS({ maxAliasCount: 100 }) as unknown);
    const items = values.flatMap((value) =>
      isRecord(value) && 'items' in value ? listOf(value.items) : [value],
    );
    return items.every((item) => isRecord(item) && item.kind === 'APIRule')
      ? (items as JsonObject[])
      : undefined;
  } catch {
    // An unknown alias, or too many aliases.
    return undefined;
  }
}

/** Undefined if it does not ask oauth2-proxy. */
function readApiRule(item: JsonObject, authorizer: string): ApiRule | undefined | Malformed {
  const { namespace, name } = recordOf(item.metadata);
  const spec = recordOf(item.spec);
  const naming = listOf(spec.rules).flatMap((entry, index) => {
    const rule = recordOf(entry);
    const authorizers = listOf(recordOf(rule.extAuth).authorizers).filter((one) => typeof one === 'string');
    if (!authorizers.includes(authorizer)) return [];
    const own = recordOf(rule.service).namespace ?? recordOf(spec.service).namespace ?? namespace;
    return [{ index, authorizers, asking: own }];
  });
  if (naming.length === 0) return undefined;
  const asking = [...new Set(naming.map((rule) => rule.asking))];
  if (!isName(namespace) || !isName(name) || !asking.every(isName))
    return new Malformed('its name or a namespace is not a name of Kubernetes');
  return { namespace, name, asking, rules: naming.map(({ asking: _, ...rule }) => rule) };
}

function isSame(one: ApiRule, other: ApiRule): boolean {
  return one.namespace === other.namespace && one.name === other.name;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && plainName.test(value);
}
