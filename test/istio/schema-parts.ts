/** Parts of JSON Schemas that are written by hand. */
export type Schema = Record<string, unknown>;

export const text: Schema = { type: 'string', minLength: 1 };

/** A closed object. */
export const object = (properties: Record<string, Schema>, required = Object.keys(properties)): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

export const list = (items: Schema): Schema => ({ type: 'array', minItems: 1, items });
