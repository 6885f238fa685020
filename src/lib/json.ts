/** Parses JSON. Undefined if the text is malformed; JSON itself has no undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value if it is a string, otherwise an empty string. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The text of a value, or undefined if it is something else or empty. */
export function filledText(value: unknown): string | undefined {
  return textOf(value) || undefined;
}

/** The entries of a list. Empty if the value is something else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** An object of parsed JSON or YAML. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object with members. A list is not one. */
export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of a parsed object. Empty if the value is something else, so every member is missing. */
export function recordOf(value: unknown): JsonObject {
  return isRecord(value) ? value : {};
}
