import * as z from 'zod';
import { configSchema } from './schema.ts';

/** The part of JSON Schema (2020-12) that the configuration uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** The published schema of the configuration, for editors and CI. */
export function configJsonSchema(): JsonSchema {
  return toJsonSchema(configSchema);
}

export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

/** The files that are published beside the program, for editors and CI, and the end of the `$id` of each. */
export const schemaFiles = {
  'peerproof.schema.json': 'config',
  'peerproof-inject.schema.json': 'inject',
  'peerproof-test.schema.json': 'test',
  'peerproof-team.schema.json': 'team',
} as const;

/** The text of such a file. Its `$id` is a name and no address: the schema is read from the file. */
export function publishedSchema(file: keyof typeof schemaFiles, schema: z.ZodType): string {
  const $id = `urn:peerproof:schema:${schemaFiles[file]}`;
  return `${JSON.stringify({ $id, ...toJsonSchema(schema) }, null, 2)}\n`;
}

/** The names of the settings at a place of the configuration. Empty if any name is allowed there. */
export function settingsAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly string[] {
  let places: readonly JsonSchema[] = [schema];
  for (const step of path)
    places = places.flatMap(({ properties, additionalProperties, items, anyOf }) => {
      const next = typeof step === 'number' ? items : (properties?.[String(step)] ?? additionalProperties);
      const here = typeof next === 'object' ? [next] : [];
      return [...here, ...here.flatMap((place) => place.anyOf ?? []), ...(anyOf ?? [])];
    });
  return places.flatMap(({ properties }) => Object.keys(properties ?? {}));
}
