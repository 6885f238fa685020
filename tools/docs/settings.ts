import type { JsonSchema } from '../../src/config/json-schema.ts';

/** One row a setting: its path, its default, what it does. */
export function settingRows(schema: JsonSchema): readonly (readonly string[])[] {
  return [...rowsOf(schema, '')];
}

/** The schema with the keys of a mapping in place of a value that may be a mapping or something shorter. */
export function withMappings(node: JsonSchema): JsonSchema {
  const { properties, additionalProperties, items, anyOf = [] } = node;
  const open = (schema: JsonSchema | undefined) => schema && withMappings(schema);
  const mapping = open(anyOf.find((form) => form.properties));
  const entries = Object.entries(properties ?? {}).map(([name, property]) => [name, withMappings(property)]);
  const values = typeof additionalProperties === 'object' ? open(additionalProperties) : undefined;
  return {
    ...node,
    ...(properties && { properties: Object.fromEntries(entries) as Record<string, JsonSchema> }),
    ...(values && { additionalProperties: values }),
    ...(items && { items: withMappings(items) }),
    ...(mapping?.properties && { properties: mapping.properties }),
  };
}

function* rowsOf(given: JsonSchema, path: string): Generator<string[]> {
  const node = orNull(given);
  const { properties, additionalProperties, items } = node;
  const values = typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0;
  const leaf = !properties && !values && !items?.properties;
  if (path && (node.description || (leaf && !path.endsWith('.<name>'))))
    yield [`\`${path}\``, leaf ? written(node.default) : '', node.description ?? ''];
  for (const [name, property] of Object.entries(properties ?? {}))
    yield* rowsOf(property, path ? `${path}.${name}` : name);
  if (values) yield* rowsOf(additionalProperties, `${path}.<name>`);
  if (items?.properties) yield* rowsOf(items, `${path}[]`);
}

/** What a value may be that may also be null, as that of a trust domain without settings. */
function orNull(node: JsonSchema): JsonSchema {
  const [form, other, ...more] = node.anyOf ?? [];
  return form && other?.type === 'null' && more.length === 0 ? { ...form, ...node } : node;
}

function written(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
    ? ''
    : `\`${(Array.isArray(value) ? value.join(', ') : String(value)).replaceAll('|', '\\|')}\``;
}
