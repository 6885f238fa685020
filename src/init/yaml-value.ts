import { stringify } from 'yaml';

/** A text as one value of YAML, also in a list on one line. JSON is YAML too. */
export function yamlValue(text: string): string {
  const isPlain = /^[a-z][\w./:@-]*[\w/]$/i.test(text) && stringify(text, { lineWidth: 0 }) === `${text}\n`;
  return isPlain ? text : JSON.stringify(text);
}
