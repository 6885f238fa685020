import { filledText, type JsonObject, parseJson, recordOf, textOf } from '../lib/json.ts';
import type { DecisionField } from '../operate/decision-field.ts';
import { withOwnNames } from './ecs-line.ts';

/**
 * How each field is read. A value of another type is left out. A field of the writer that has no row does not
 * compile.
 */
const fields = {
  level: count,
  time: isoTime,
  decision_id: filledText,
  effect,
  reason: filledText,
  would_deny: filledText,
  rule: filledText,
  subject: filledText,
  issuer: filledText,
  client_id: filledText,
  actor: filledText,
  prior_actors: texts,
  scopes: texts,
  jti: filledText,
  txn: filledText,
  spiffe_id: filledText,
  bound_by: filledText,
  workload: filledText,
  detail: filledText,
  door: filledText,
  method: filledText,
  host: filledText,
  path: filledText,
  destination: filledText,
  source_address: filledText,
  user_agent: filledText,
  peer_from: filledText,
  via: filledText,
  token_kind: filledText,
  service_account: filledText,
  pod: filledText,
  token_node: filledText,
  credential_id: filledText,
  alg: filledText,
  kid: filledText,
  key_age_s: count,
  cache_hit: truth,
  duration_us: count,
  trace_id: filledText,
  request_id: filledText,
  config_version: filledText,
  node: filledText,
  sampled: share,
  schema: count,
} satisfies Readonly<Record<DecisionField, (value: unknown) => unknown>> & Readonly<Record<string, unknown>>;

type Fields = { readonly [Name in keyof typeof fields]?: NonNullable<ReturnType<(typeof fields)[Name]>> };

/** One decision, with the names of the log. `docs/reference/log.md` explains each field. */
export type DecisionLine = Fields & Required<Pick<Fields, 'effect' | 'reason'>>;

/** The most characters of a line: four times what the writer needs if it escapes every character. */
export const longestLine = 262_144;

const names = Object.entries(fields);

/**
 * Reads one line of the decision log. Text before the first `{` is ignored: `kubectl logs --prefix`,
 * `--timestamps` and containerd put some there. Docker's files hold the line as a text in `log`. A line may
 * have the names of the Elastic Common Schema. Returns undefined if there is no known effect or no reason, as
 * in lines of other programs, and for lines about the service. Never throws. Does not check that the reason is
 * known, that fields fit each other, or that Peerproof wrote the line. Any character can be in a text.
 */
export function parseDecisionLine(text: string): DecisionLine | undefined {
  if (text.length > longestLine) return undefined;
  const begin = text.indexOf('{');
  const parsed = begin < 0 ? {} : recordOf(parseJson(text.slice(begin)));
  return (
    readFields(withOwnNames(parsed)) ?? readFields(withOwnNames(recordOf(parseJson(textOf(parsed.log)))))
  );
}

function readFields(parsed: JsonObject): DecisionLine | undefined {
  // Each line about the service has an event, and `shadow_difference` has the effect of a decision as well.
  if (typeof parsed.event === 'string') return undefined;
  if (!effect(parsed.effect) || !filledText(parsed.reason)) return undefined;
  const line: Record<string, unknown> = {};
  for (const [name, read] of names) {
    // A member that is missing is read from the prototype, where none of these names is.
    const value = read(parsed[name]);
    if (value !== undefined) line[name] = value;
  }
  return line as DecisionLine;
}

/** When the decision was made, in milliseconds since the epoch. Undefined if the line does not say it. */
export function decisionTime({ time }: DecisionLine): number | undefined {
  const at = Date.parse(time ?? '');
  return Number.isFinite(at) ? at : undefined;
}

const effects = ['allow', 'deny', 'unavailable', 'answer'] as const;

function effect(value: unknown): (typeof effects)[number] | undefined {
  return effects.find((one) => one === value);
}

/** `1e999` is infinite in JSON. */
function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function share(value: unknown): number | undefined {
  const number = count(value);
  return number && number <= 1 ? number : undefined;
}

function truth(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
}

function isoTime(value: unknown): string | undefined {
  const text = filledText(value);
  return text && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? text
    : undefined;
}
