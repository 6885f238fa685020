/** The part of the survey that follows names: variables, claims, and the fields of objects. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { quoted } from '../../../lib/excerpt.ts';
import { costOfLookup } from './operation-cost.ts';
import type { Scope, Surveyor } from './surveyor.ts';
import { isClaims, isHeaders, type Node, nameIn, noField, noName } from './syntax.ts';
import { fieldType, isObjectName, type ObjectName } from './types.ts';
import { claim, elementValue, temporal, text, textList, textMap, type Value } from './value.ts';

export function surveyName(surveyor: Surveyor, node: Node<'id'>, scope: Scope): Value {
  const variable = scope.get(node.args);
  if (variable) return variable;
  if (node.args !== 'claims') return surveyor.refuse(node, noName(node.args));
  surveyor.reads.addAllClaims();
  return claim;
}

export function surveyAccess(surveyor: Surveyor, node: Node<'.' | '[]'>, scope: Scope): Value {
  const [target] = node.args;
  // Reading a missing field or key is an error.
  surveyor.addError();
  const name = nameIn(node);
  if (target.op === 'id' && !scope.has(target.args)) {
    if (isObjectName(target.args)) return surveyField(surveyor, node, target.args, name);
    if (target.args === 'claims' && name !== undefined) {
      surveyor.reads.addClaim(name);
      return claim;
    }
  }
  if (name !== undefined && isHeaders(target, scope)) return surveyHeader(surveyor, node, name);
  const value = surveyor.visit(target, scope);
  if (node.op === '[]') surveyor.cost.add(costOfLookup(surveyor.visit(node.args[1], scope)));
  return value.dynamic ? value : elementValue(value);
}

function surveyField(surveyor: Surveyor, node: ASTNode, object: ObjectName, name: string | undefined): Value {
  const type = name === undefined ? undefined : fieldType(object, name);
  if (name === undefined || type === undefined) return surveyor.refuse(node, noField(object, name));
  if (type.startsWith('map')) {
    surveyor.reads.addAllHeaders();
    return textMap;
  }
  surveyor.reads.addField(object, name);
  if (type.startsWith('list')) return textList;
  return type === 'string' ? text : temporal;
}

function surveyHeader(surveyor: Surveyor, node: ASTNode, name: string): Value {
  surveyor.reads.addHeader(name);
  return name === name.toLowerCase()
    ? text
    : surveyor.refuse(node, `write header names in lower case: ${quoted(name.toLowerCase())}`);
}

/** Whether `in` looks for a literal name in the headers or claims. Only that one is read then. */
export function readsOneName(surveyor: Surveyor, name: ASTNode, map: ASTNode, scope: Scope): boolean {
  if (name.op !== 'value' || typeof name.args !== 'string') return false;
  if (isHeaders(map, scope)) surveyHeader(surveyor, name, name.args);
  else if (isClaims(map, scope)) surveyor.reads.addClaim(name.args);
  else return false;
  return true;
}
