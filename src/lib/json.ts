/** Reads JSON; undefined where it is none. No JSON document means undefined, so the two cannot be mixed up. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A text, or none at all where the value is something else: anything can stand where a text is expected. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Whether a value is an object with members. A list is not one. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of a parsed object. Empty where the value is something else, so every member is then missing. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
