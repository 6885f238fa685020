import type * as z from 'zod';
import { mapInSteps, type Steps } from '../lib/in-turns.ts';
import { isRecord } from '../lib/json.ts';
import type { createSharing } from '../lib/share.ts';
import type { ConfigDocument } from './document.ts';
import { explain } from './explain.ts';
import { toJsonSchema } from './json-schema.ts';
import { ConfigError, type Problem } from './problem.ts';
import { type Config, configSchema, type RuleConfig, rule as ruleSchema } from './schema.ts';

/** The output of a schema, or what is wrong with its input. */
type Reading<Data> =
  | { readonly data: Data; readonly problems: readonly [] }
  | { readonly data: undefined; readonly problems: readonly Problem[] };

/**
 * Reads a document by a schema. Returns the output of the schema, or each problem with file, line and key.
 * @throws ConfigError if the schema library itself fails, such as on a mapping with a `length` that is not a
 * text
 */
export function readSchema<S extends z.ZodType>(
  schema: S,
  { raw, problem }: ConfigDocument,
): Reading<z.output<S>> {
  const read = safely(() => parse(schema, raw), problem);
  if (read.success) return { data: read.data, problems: [] };
  return { data: undefined, problems: sayWhy(read.error.issues, schema, problem) };
}

/**
 * Reads a configuration. The rules come one after the other: what the schema leaves behind of 10,000 rules
 * would take 40 MB, and to read them at once would hold up the checks of a running service.
 * @param share makes one of equal parts of it
 * @throws ConfigError as `readSchema`
 */
export function* readConfig(
  { raw, problem }: ConfigDocument,
  share: ReturnType<typeof createSharing>,
): Steps<Reading<Config>> {
  if (!isRecord(raw) || !Array.isArray(raw.rules)) return readSchema(configSchema, { raw, problem });
  const rest = readSchema(configSchema, { raw: { ...raw, rules: [] }, problem });
  const read = yield* mapInSteps<unknown, Reading<RuleConfig>>(raw.rules, (rule, index) => {
    const { data, error } = safely(() => parse(ruleSchema, rule), problem);
    if (data) return { data: share(data), problems: [] };
    const issues = error.issues.map((issue) => ({ ...issue, path: ['rules', index, ...issue.path] }));
    return { data: undefined, problems: sayWhy(issues, configSchema, problem) };
  });
  const problems = [rest, ...read].flatMap((one) => one.problems);
  if (!rest.data || problems.length > 0) return { data: undefined, problems };
  return { data: { ...share(rest.data), rules: read.flatMap(({ data }) => data ?? []) }, problems: [] };
}

let parsed = 0;

/** zod writes code for a schema (`jitless: false`). That pays only if many values are read. */
function parse<S extends z.ZodType>(schema: S, value: unknown): z.ZodSafeParseResult<z.output<S>> {
  parsed++;
  return schema.safeParse(value, { reportInput: true, jitless: parsed < 1000 });
}

function sayWhy(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  problem: ConfigDocument['problem'],
): readonly Problem[] {
  return issues
    .flatMap((issue) => explain(issue, () => toJsonSchema(schema)))
    .map(([path, message]) => problem(path, message));
}

function safely<T>(read: () => T, problem: ConfigDocument['problem']): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigError([problem([], `cannot be read: ${(error as Error).message}`)]);
  }
}
