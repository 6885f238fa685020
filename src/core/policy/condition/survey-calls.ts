/** The part of the survey that follows calls: functions, methods and loops. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { isTimeArgument, refusedForms } from './forms.ts';
import { functions, loops, methods, ourName, secondsName } from './functions.ts';
import { costOfFunction, costOfMethod } from './operation-cost.ts';
import type { Scope, Surveyor } from './surveyor.ts';
import { isCalled, type Node, notCalled, pathIn } from './syntax.ts';
import { isObjectName } from './types.ts';
import { either, elementValue, single, temporal, text, type Value } from './value.ts';

export function surveyCall(surveyor: Surveyor, node: Node<'call'>, scope: Scope): Value {
  const [name, args] = node.args;
  const [argument] = args;
  if (!isCalled(functions, name, args.length) || !argument)
    return surveyor.refuse(node, notCalled(`${name}()`, functions, name));
  if (name === 'duration' || name === 'timestamp') return surveyTime(surveyor, node, name, argument, scope);
  const flaw = name === 'has' ? findHasFlaw(argument, scope) : undefined;
  if (flaw !== undefined) return surveyor.refuse(node, flaw);
  const value = surveyor.visit(argument, scope);
  surveyor.addError();
  surveyor.cost.add(costOfFunction(name, value));
  node.args[0] = ourName(name);
  return name === 'string' ? either(value, text) : single;
}

function surveyTime(
  surveyor: Surveyor,
  node: Node<'call'>,
  name: 'duration' | 'timestamp',
  argument: ASTNode,
  scope: Scope,
): Value {
  if (!isTimeArgument(name, argument)) return surveyor.refuse(node, refusedForms[name]);
  surveyor.visit(argument, scope);
  surveyor.addError();
  if (argument.op === 'call') argument.args[0] = secondsName;
  return temporal;
}

export function surveyMethod(surveyor: Surveyor, node: Node<'rcall'>, scope: Scope): Value {
  const [name, receiver, args] = node.args;
  if (!isCalled(methods, name, args.length))
    return surveyor.refuse(node, notCalled(`.${name}()`, methods, name));
  const value = surveyor.visit(receiver, scope);
  if (loops.includes(name)) return surveyLoop(surveyor, name, value, args, scope);
  const given = args.map((argument) => surveyor.visit(argument, scope));
  surveyor.mayFail(value, ...given);
  surveyor.cost.add(costOfMethod(name, value, given[0]));
  node.args[0] = ourName(name);
  return single;
}

function surveyLoop(
  surveyor: Surveyor,
  name: string,
  range: Value,
  [variable, body]: readonly ASTNode[],
  scope: Scope,
): Value {
  surveyor.mayFail(range);
  if (variable?.op !== 'id' || !body) return single; // cel-js refused it when it was parsed
  if (isObjectName(variable.args) || variable.args === 'claims')
    return surveyor.refuse(
      variable,
      `${variable.args} is already a name; choose another one for the element`,
    );
  const inner = new Map(scope).set(variable.args, elementValue(range));
  surveyor.cost.repeat(range.span, () => {
    surveyor.cost.add({ ones: 2 });
    surveyor.mayFail(surveyor.visit(body, inner));
  });
  return name === 'filter' ? range : single;
}

const hasArgument = "a path such as claims.tenant; for a header write 'x-tenant' in request.headers";

/** cel-js does not check the argument of has(): a field that does not exist would never be present. */
function findHasFlaw(argument: ASTNode, variables: Scope): string | undefined {
  const { base, steps } = pathIn(argument);
  if (base.op !== 'id' || steps.length === 0) return `has() takes ${hasArgument}`;
  const variable = variables.get(base.args);
  const most = !isObjectName(base.args) || steps[0] === 'headers' ? 2 : 1;
  const isTooLong = variable ? !variable.dynamic : base.args !== 'claims' && steps.length > most;
  return isTooLong ? `has() cannot ask for a part of a text or list; it takes ${hasArgument}` : undefined;
}
