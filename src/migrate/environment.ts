import { Malformed } from '../lib/malformed.ts';
import { namesByKey, optionType } from './options.ts';
import type { Given } from './settings.ts';
import { unknownName } from './shown.ts';
import { type OptionValue, valueOfVariable } from './value.ts';

export const prefix = 'OAUTH2_PROXY_';
/** Variables that Kubernetes sets in each container if a Service has the name oauth2-proxy. */
const serviceLink =
  /^(?:SERVICE_(?:HOST|PORT(?:_.*)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** The option that a variable sets. Malformed if the option is unknown, undefined for other variables. */
export function optionOfVariable(variable: string): string | Malformed | undefined {
  if (!variable.startsWith(prefix)) return undefined;
  const rest = variable.slice(prefix.length);
  if (serviceLink.test(rest)) return undefined;
  const name = rest === rest.toUpperCase() ? namesByKey.get(rest.toLowerCase()) : undefined;
  if (name !== undefined) return name;
  const known = [...namesByKey.keys()].map((key) => `${prefix}${key.toUpperCase()}`);
  return new Malformed(unknownName(variable, known, 'a variable'));
}

/** Reads `OAUTH2_PROXY_…` variables. Ignores empty ones. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  fail: (what: string) => void,
): Given {
  const values = new Map<string, OptionValue>();
  for (const [variable, text] of Object.entries(variables)) {
    if (!text) continue;
    const name = optionOfVariable(variable);
    if (name === undefined) continue;
    const value = name instanceof Malformed ? name : readVariable(variable, name, text);
    if (typeof name === 'string' && values.has(name))
      fail(`${variable} sets the same option as another variable: remove one of them`);
    if (value instanceof Malformed) fail(value.why);
    else values.set(name as string, value);
  }
  return { values };
}

function readVariable(variable: string, name: string, text: string): OptionValue | Malformed {
  const value = valueOfVariable(optionType(name), text);
  return value instanceof Malformed ? new Malformed(`${variable}: ${value.why}`) : value;
}
