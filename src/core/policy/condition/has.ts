import type { ASTNode } from '@marcbachmann/cel-js';
import { pathIn } from './syntax.ts';
import { isObjectName } from './types.ts';
import type { Value } from './value.ts';

const right = "a path such as claims.tenant; for a header write 'x-tenant' in request.headers";

/** cel-js asks no questions here: a field that does not exist is absent for ever. */
export function flawOfHas(argument: ASTNode, variables: ReadonlyMap<string, Value>): string | undefined {
  const { base, steps } = pathIn(argument);
  if (base.op !== 'id' || steps.length === 0) return `has() takes ${right}`;
  const variable = variables.get(base.args);
  const most = !isObjectName(base.args) || steps[0] === 'headers' ? 2 : 1;
  const isTooLong = variable ? !variable.dynamic : base.args !== 'claims' && steps.length > most;
  return isTooLong ? `has() is asked for a part of a text or list; it takes ${right}` : undefined;
}
