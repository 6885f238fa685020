import type { JsonSchema } from '../../src/config/json-schema.ts';

/** One row a setting: its path, its default, what it does. */
export function settingRows(schema: JsonSchema): readonly (readonly string[])[] {
  return [...rowsOf(schema, '')];
}

function* rowsOf(node: JsonSchema, path: string): Generator<string[]> {
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

function written(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
    ? ''
    : `\`${(Array.isArray(value) ? value.join(', ') : String(value)).replaceAll('|', '\\|')}\``;
}
