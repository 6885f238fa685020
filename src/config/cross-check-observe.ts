import { observableNames } from '../core/policy/observation.ts';
import { type JsonObject, listOf, recordOf, textOf } from '../lib/json.ts';
import { isOfClients } from './cross-check-client.ts';
import type { RawRule } from './cross-check-routes.ts';
import type { Warn } from './weakness.ts';

type Path = readonly PropertyKey[];
type Say = (path: Path, message: string) => void;

/** What a warning names at most. */
const mostNames = 20;

/**
 * Checks what is observed and not enforced, and warns about it, because such a request passes. If the service
 * is observed, nothing can be enforced: a request that no rule covers passes, and a client can write a path
 * in a way that no rule covers. The document may have any shape.
 */
export function crossCheckObserve(
  { mode }: JsonObject,
  rules: readonly RawRule[],
  say: Say,
  warn: Warn,
): void {
  const ofService = mode === 'observe';
  if (ofService)
    warn(
      'observed',
      ['mode'],
      'every request passes that can be read; only the log says what would be refused',
      'mode: observe',
    );
  for (const { rule, path, name } of rules) {
    const required = recordOf(rule.require);
    const endpoint =
      isOfClients(required) &&
      `${required.credential} authenticates the client of a token endpoint, so it is not possible`;
    // A token endpoint takes every request that passes for one of an authenticated client.
    if (ofService && endpoint) say([...path, 'require', 'credential'], `${endpoint} under mode: observe`);
    if (ofService && rule.mode === 'enforce')
      say(
        [...path, 'mode'],
        'cannot be enforce while the mode of the service is observe, because a request that no rule covers passes then: remove the mode of the service, and set mode: observe in the other rules',
      );
    const observed = checkNames(required, [...path, 'require', 'observe'], say);
    if (rule.mode === 'observe') {
      if (endpoint) say([...path, 'mode'], `${endpoint} with mode: observe`);
      if (observed.length > 0)
        say([...path, 'require', 'observe'], 'has no effect beside mode: observe: remove one of them');
      warn(
        'observed',
        [...path, 'mode'],
        'mode: observe lets every request pass that the rule would refuse',
        `rule ${name}`,
      );
    } else if (observed.length > 0) {
      if (endpoint) say([...path, 'require', 'observe'], `${endpoint} with observe`);
      const names = observed.slice(0, mostNames).join(', ');
      warn(
        'observed',
        [...path, 'require', 'observe'],
        `observe: [${names}] lets requests pass that do not meet it`,
        `rule ${name}`,
      );
    }
  }
}

/** @returns the names. The schema refuses those that no requirement has. */
function checkNames(required: JsonObject, path: Path, say: Say): readonly string[] {
  const names = listOf(required.observe).map(textOf);
  for (const [at, name] of names.entries())
    if (observableNames.some((known) => known === name) && !Object.hasOwn(required, name))
      say([...path, at], `is not required by this rule: write ${name} beside observe, or remove it`);
  return names;
}
