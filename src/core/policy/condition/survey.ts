import type { ASTNode } from '@marcbachmann/cel-js';
import type { Cost } from './cost.ts';
import { refusedForms, refusedLiteral, refusedNegation, refusedOperation } from './forms.ts';
import { costOfOperation } from './operation-cost.ts';
import type { Reads } from './reads.ts';
import { surveyCall, surveyMethod } from './survey-calls.ts';
import { readsOneName, surveyAccess, surveyName } from './survey-names.ts';
import { type Scope, Surveyor } from './surveyor.ts';
import { type Flaw, isField, type Operation } from './syntax.ts';
import { either, joined, listValue, literal, single, temporal, type Value } from './value.ts';

/** What an expression reads, and the most that it can cost. */
export interface Surveyed {
  readonly reads: Reads;
  readonly cost: Cost;
}

/**
 * Walks through an expression before cel-js checks its types. Refuses names, functions and forms that the
 * language of conditions does not have, collects what is read, and adds up the cost. Writes our own functions
 * into the expression where we have them. Does **not** check types.
 */
export function surveyCondition(root: ASTNode, length: number): Surveyed | Flaw {
  const surveyor = new Surveyor(visit, length);
  surveyor.visit(root, new Map());
  return surveyor.flaw ?? { reads: surveyor.reads.result(), cost: surveyor.cost };
}

function visit(surveyor: Surveyor, node: ASTNode, scope: Scope): Value {
  surveyor.cost.add({ ones: 1 });
  switch (node.op) {
    case 'value':
      return surveyor.refuseForm(node, refusedLiteral(node.args)) ?? literal(node.args);
    case 'id':
      return surveyName(surveyor, node, scope);
    case '.':
    case '[]':
      return surveyAccess(surveyor, node, scope);
    case 'call':
      return surveyCall(surveyor, node, scope);
    case 'rcall':
      return surveyMethod(surveyor, node, scope);
    case 'list':
      return listValue(node.args.map((element) => surveyor.visit(element, scope)));
    case '?:': {
      const [condition, yes, no] = node.args;
      surveyor.mayFail(surveyor.visit(condition, scope));
      return either(surveyor.visit(yes, scope), surveyor.visit(no, scope));
    }
    case '-_':
      return surveyor.refuseForm(node, refusedNegation(node)) ?? surveyor.visit(node.args, scope);
    case '!_':
      surveyor.mayFail(surveyor.visit(node.args, scope));
      return single;
    case 'map':
    case '.?':
    case '[?]':
      return surveyor.refuse(node, refusedForms.map);
    default:
      return surveyOperation(surveyor, node, scope);
  }
}

function surveyOperation(surveyor: Surveyor, node: Operation, scope: Scope): Value {
  const { op } = node;
  const [left, right] = node.args;
  collectIssuers(surveyor, left, right, scope);
  if (op === 'in' && readsOneName(surveyor, left, right, scope)) return single;
  const a = surveyor.visit(left, scope);
  const b = surveyor.visit(right, scope);
  const refused = surveyor.refuseForm(node, refusedOperation(node, a, b));
  if (refused) return refused;
  if (/^[-+*/%]$/.test(op)) surveyor.addError();
  else if (op !== '==' && op !== '!=') surveyor.mayFail(a, b);
  surveyor.cost.add(costOfOperation(op, a, b));
  if (op === '+') return joined(a, b);
  return op === '-' && a.temporal ? temporal : single;
}

/** The names that the issuer is compared with: the configuration knows whether they exist. */
function collectIssuers(surveyor: Surveyor, left: ASTNode, right: ASTNode, scope: Scope): void {
  for (const [field, other] of [
    [left, right],
    [right, left],
  ] as const)
    if (isField(field, 'token', 'issuer', scope))
      for (const { op, args } of other.op === 'list' ? other.args : [other])
        if (op === 'value' && typeof args === 'string') surveyor.reads.addIssuer(args);
}
