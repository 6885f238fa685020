import type * as z from 'zod';
import type { ConfigDocument } from './document.ts';
import { explain } from './explain.ts';
import { toJsonSchema } from './json-schema.ts';
import { ConfigError, type Problem } from './problem.ts';

/**
 * Reads a document by a schema. Returns the output of the schema, or each problem with file, line and key.
 * @throws ConfigError if the schema library itself fails, such as on a mapping with a `length` that is not a
 * text
 */
export function readSchema<S extends z.ZodType>(
  schema: S,
  { raw, problem }: ConfigDocument,
):
  | { readonly data: z.output<S>; readonly problems: readonly [] }
  | { readonly data: undefined; readonly problems: readonly Problem[] } {
  const read = safely(() => schema.safeParse(raw, { reportInput: true }), problem);
  if (read.success) return { data: read.data, problems: [] };
  const said = read.error.issues.flatMap((issue) => explain(issue, () => toJsonSchema(schema)));
  return { data: undefined, problems: said.map(([path, message]) => problem(path, message)) };
}

function safely<T>(read: () => T, problem: ConfigDocument['problem']): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigError([problem([], `cannot be read: ${(error as Error).message}`)]);
  }
}
