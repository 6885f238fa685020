import type { ASTNode } from '@marcbachmann/cel-js';
import { Cost } from './cost.ts';
import {
  isTimeArgument,
  type RefusedForm,
  refusedForms,
  refusedLiteral,
  refusedNegation,
  refusedOperation,
} from './forms.ts';
import { functions, loops, methods, ourName, secondsName } from './functions.ts';
import { flawOfHas } from './has.ts';
import {
  costOfError,
  costOfFunction,
  costOfLookup,
  costOfMethod,
  costOfOperation,
} from './operation-cost.ts';
import { ReadNames, type Reads } from './reads.ts';
import type { Size } from './size.ts';
import {
  type Flaw,
  isCalled,
  isClaims,
  isHeaders,
  type Node,
  nameIn,
  noField,
  noName,
  notCalled,
  type Operation,
  quoted,
} from './syntax.ts';
import { fieldType, isObjectName, type ObjectName } from './types.ts';
import {
  claim,
  either,
  elementOf,
  joined,
  listOf,
  literal,
  single,
  temporal,
  text,
  textList,
  textMap,
  type Value,
} from './value.ts';

/** What an expression reads, and what it can cost. */
export interface Surveyed {
  readonly reads: Reads;
  readonly cost: Cost;
}

type Scope = ReadonlyMap<string, Value>;

/**
 * Walks through an expression before cel-js checks its types: refuses the names, functions and forms that are not in the
 * language of conditions, collects what is read, and adds up the cost. Writes our own functions into the expression,
 * where there are any. Does **not** look at types.
 */
export function surveyCondition(root: ASTNode, length: number): Surveyed | Flaw {
  const survey = new Survey(costOfError(length));
  survey.visit(root, new Map());
  return survey.flaw ?? { reads: survey.reads.result(), cost: survey.cost };
}

class Survey {
  readonly reads = new ReadNames();
  readonly cost = new Cost();
  flaw: Flaw | undefined;
  readonly #error: Size;

  constructor(error: Size) {
    this.#error = error;
  }

  visit(node: ASTNode, scope: Scope): Value {
    this.cost.add({ ones: 1 });
    switch (node.op) {
      case 'value':
        return this.#refuseForm(node, refusedLiteral(node.args)) ?? literal(node.args);
      case 'id':
        return this.#name(node, scope);
      case '.':
      case '[]':
        return this.#access(node, scope);
      case 'call':
        return this.#call(node, scope);
      case 'rcall':
        return this.#method(node, scope);
      case 'list':
        return listOf(node.args.map((element) => this.visit(element, scope)));
      case '?:': {
        const [condition, yes, no] = node.args;
        this.#mayFail(this.visit(condition, scope));
        return either(this.visit(yes, scope), this.visit(no, scope));
      }
      case '-_':
        return this.#refuseForm(node, refusedNegation(node)) ?? this.visit(node.args, scope);
      case '!_':
        this.#mayFail(this.visit(node.args, scope));
        return single;
      case 'map':
      case '.?':
      case '[?]':
        return this.#refuse(node, refusedForms.map.why);
      default:
        return this.#operator(node, scope);
    }
  }

  #refuse(node: ASTNode, why: string): Value {
    this.flaw ??= { at: node.pos, why };
    return single;
  }

  #refuseForm(node: ASTNode, form: RefusedForm | undefined): Value | undefined {
    return form && this.#refuse(node, form.why);
  }

  /** Whatever is not known to have the right type can be an error, which costs more than a value. */
  #mayFail(...values: readonly Value[]): void {
    if (values.some(({ dynamic }) => dynamic)) this.cost.add(this.#error);
  }

  #name(node: Node<'id'>, scope: Scope): Value {
    const variable = scope.get(node.args);
    if (variable) return variable;
    if (node.args === 'claims') {
      this.reads.addAllClaims();
      return claim;
    }
    return this.#refuse(node, noName(node.args));
  }

  #access(node: Node<'.' | '[]'>, scope: Scope): Value {
    const [target] = node.args;
    // An absent field or key is an error.
    this.cost.add(this.#error);
    const name = nameIn(node);
    if (target.op === 'id' && !scope.has(target.args)) {
      if (isObjectName(target.args)) return this.#field(node, target.args, name);
      if (target.args === 'claims' && name !== undefined) {
        this.reads.addClaim(name);
        return claim;
      }
    }
    if (name !== undefined && isHeaders(target, scope)) return this.#header(node, name);
    const value = this.visit(target, scope);
    if (node.op === '[]') this.cost.add(costOfLookup(this.visit(node.args[1], scope)));
    return value.dynamic ? value : elementOf(value);
  }

  #field(node: ASTNode, object: ObjectName, name: string | undefined): Value {
    this.reads.addObject(object);
    const type = name === undefined ? undefined : fieldType(object, name);
    if (type === undefined) return this.#refuse(node, noField(object, name));
    if (type.startsWith('list')) return textList;
    if (!type.startsWith('map')) return type === 'string' ? text : temporal;
    this.reads.addAllHeaders();
    return textMap;
  }

  #header(node: ASTNode, name: string): Value {
    this.reads.addHeader(name);
    return name === name.toLowerCase()
      ? text
      : this.#refuse(node, `names of headers are in lower case here: ${quoted(name.toLowerCase())}`);
  }

  #operator(node: Operation, scope: Scope): Value {
    const { op } = node;
    const [left, right] = node.args;
    if (op === 'in' && this.#asksForOne(left, right, scope)) return single;
    const a = this.visit(left, scope);
    const b = this.visit(right, scope);
    const refused = this.#refuseForm(node, refusedOperation(node, a, b));
    if (refused) return refused;
    if (/^[-+*/%]$/.test(op)) this.cost.add(this.#error);
    else if (op !== '==' && op !== '!=') this.#mayFail(a, b);
    this.cost.add(costOfOperation(op, a, b));
    if (op === '+') return joined(a, b);
    return op === '-' && a.temporal ? temporal : single;
  }

  /** A name that is written out, in the headers or claims: reads only that one. */
  #asksForOne(name: ASTNode, map: ASTNode, scope: Scope): boolean {
    if (name.op !== 'value' || typeof name.args !== 'string') return false;
    if (isHeaders(map, scope)) this.#header(name, name.args);
    else if (isClaims(map, scope)) this.reads.addClaim(name.args);
    else return false;
    return true;
  }

  #call(node: Node<'call'>, scope: Scope): Value {
    const [name, args] = node.args;
    const [argument] = args;
    if (!isCalled(functions, name, args.length) || !argument)
      return this.#refuse(node, notCalled(`${name}()`, functions, name));
    if (name === 'duration' || name === 'timestamp') return this.#time(node, name, argument, scope);
    const flaw = name === 'has' ? flawOfHas(argument, scope) : undefined;
    if (flaw !== undefined) return this.#refuse(node, flaw);
    const value = this.visit(argument, scope);
    this.cost.add(this.#error);
    this.cost.add(costOfFunction(name, value));
    node.args[0] = ourName(name);
    return name === 'string' ? either(value, text) : single;
  }

  #time(node: Node<'call'>, name: 'duration' | 'timestamp', argument: ASTNode, scope: Scope): Value {
    if (!isTimeArgument(name, argument)) return this.#refuse(node, refusedForms[name].why);
    this.visit(argument, scope);
    this.cost.add(this.#error);
    if (argument.op === 'call') argument.args[0] = secondsName;
    return temporal;
  }

  #method(node: Node<'rcall'>, scope: Scope): Value {
    const [name, receiver, args] = node.args;
    if (!isCalled(methods, name, args.length))
      return this.#refuse(node, notCalled(`.${name}()`, methods, name));
    const value = this.visit(receiver, scope);
    if (loops.includes(name)) return this.#loop(name, value, args, scope);
    const given = args.map((argument) => this.visit(argument, scope));
    this.#mayFail(value, ...given);
    this.cost.add(costOfMethod(name, value, given[0]));
    node.args[0] = ourName(name);
    return single;
  }

  #loop(name: string, range: Value, [variable, body]: readonly ASTNode[], scope: Scope): Value {
    this.#mayFail(range);
    if (variable?.op !== 'id' || !body) return single; // cel-js refused it when it was parsed
    if (isObjectName(variable.args) || variable.args === 'claims')
      return this.#refuse(variable, `${variable.args} is a name already; call the element something else`);
    const inner = new Map(scope).set(variable.args, elementOf(range));
    this.cost.repeat(range.span, () => {
      this.cost.add({ ones: 2 });
      this.#mayFail(this.visit(body, inner));
    });
    return name === 'filter' ? range : single;
  }
}
