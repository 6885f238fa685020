import type { ASTNode } from '@marcbachmann/cel-js';
import { Cost } from './cost.ts';
import type { Reads } from './facts.ts';
import {
  hasWrittenForm,
  isCalled,
  isClaims,
  isHeaders,
  type Node,
  nameIn,
  noField,
  noName,
  notCalled,
  type Operation,
  pathIn,
  quoted,
  writtenForms,
} from './syntax.ts';
import { fieldType, functions, isObjectName, loops, methods, type ObjectName } from './types.ts';
import { claim, elementOf, joined, listOf, single, smaller, textList, textMap, type Value } from './value.ts';

/** What cannot stand in a condition, and where: the offset in its text. */
export interface Flaw {
  readonly at: number;
  readonly why: string;
}

/** What an expression reads, and what it can cost. */
export interface Surveyed {
  readonly reads: Reads;
  readonly cost: Cost;
}

type Scope = ReadonlyMap<string, Value>;

/** An error in cel-js makes a trace and shows the place in the text: about 4 µs. */
const stepsOfError = 200;

/**
 * Walks through an expression before cel-js checks its types: refuses the names, functions and forms that are not in the
 * language of conditions, collects what is read, and adds up the cost. Does **not** look at types.
 */
export function surveyCondition(root: ASTNode, length: number): Surveyed | Flaw {
  const survey = new Survey(stepsOfError + Math.ceil(length / 4));
  survey.visit(root, new Map());
  const { objects: read, cost } = survey;
  return (
    survey.flaw ?? {
      reads: { objects: read, claims: survey.claims ?? 'all', headers: survey.headers ?? 'all' },
      cost,
    }
  );
}

class Survey {
  readonly objects = new Set<string>();
  /** Undefined once a name was computed. */
  claims: Set<string> | undefined = new Set<string>();
  headers: Set<string> | undefined = new Set<string>();
  readonly cost = new Cost();
  flaw: Flaw | undefined;
  readonly #error: number;

  constructor(stepsOfOneError: number) {
    this.#error = stepsOfOneError;
  }

  visit(node: ASTNode, scope: Scope): Value {
    this.cost.add({ ones: 1 });
    switch (node.op) {
      case 'value':
        return single;
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
        return joined(this.visit(yes, scope), this.visit(no, scope));
      }
      case '!_':
      case '-_':
        this.#mayFail(this.visit(node.args, scope));
        return single;
      case 'map':
      case '.?':
      case '[?]':
        return this.#refuse(node, 'maps and optional values cannot be written here; use lists and has()');
      default:
        return this.#operator(node, scope);
    }
  }

  #refuse(node: ASTNode, why: string): Value {
    this.flaw ??= { at: node.pos, why };
    return single;
  }

  /** Whatever is not known to have the right type can be an error, which costs more than a value. */
  #mayFail(...values: readonly Value[]): void {
    if (values.some(({ dynamic }) => dynamic)) this.cost.add({ ones: this.#error });
  }

  #name(node: Node<'id'>, scope: Scope): Value {
    const variable = scope.get(node.args);
    if (variable) return variable;
    if (node.args === 'claims') {
      this.objects.add('claims');
      this.claims = undefined;
      return claim;
    }
    return this.#refuse(node, noName(node.args));
  }

  #access(node: Node<'.' | '[]'>, scope: Scope): Value {
    const [target] = node.args;
    // An absent field or key is an error.
    this.cost.add({ ones: this.#error });
    const name = nameIn(node);
    if (target.op === 'id' && !scope.has(target.args)) {
      if (isObjectName(target.args)) return this.#field(node, target.args, name);
      if (target.args === 'claims' && name !== undefined) return this.#claim(name);
    }
    if (name !== undefined && isHeaders(target, scope)) return this.#header(node, name);
    const value = this.visit(target, scope);
    if (node.op === '[]') this.visit(node.args[1], scope);
    return value.dynamic ? value : elementOf(value);
  }

  #field(node: ASTNode, object: ObjectName, name: string | undefined): Value {
    this.objects.add(object);
    const type = name === undefined ? undefined : fieldType(object, name);
    if (type === undefined) return this.#refuse(node, noField(object, name));
    if (!type.startsWith('map')) return type.startsWith('list') ? textList : single;
    this.headers = undefined;
    return textMap;
  }

  #claim(name: string): Value {
    this.objects.add('claims');
    this.claims?.add(name);
    return claim;
  }

  #header(node: ASTNode, name: string): Value {
    this.objects.add('request');
    this.headers?.add(name);
    return name === name.toLowerCase()
      ? single
      : this.#refuse(node, `names of headers are in lower case here: ${quoted(name.toLowerCase())}`);
  }

  #operator(node: Operation, scope: Scope): Value {
    const { op } = node;
    const [left, right] = node.args;
    if (op === 'in' && left.op === 'value' && typeof left.args === 'string') {
      // Asks for one name, and so reads only that.
      if (isHeaders(right, scope)) return this.#header(left, left.args);
      if (isClaims(right, scope)) {
        this.#claim(left.args);
        return single;
      }
    }
    const a = this.visit(left, scope);
    const b = this.visit(right, scope);
    if (op === '==' || op === '!=') {
      this.cost.add(smaller(a.size, b.size));
      return single;
    }
    if (/^[-+*/%]$/.test(op)) this.cost.add({ ones: this.#error });
    else this.#mayFail(a, b);
    if (op === 'in') this.cost.add(b.size);
    if (op !== '+' || (a === single && b === single)) return single;
    const sum = joined(a, b);
    this.cost.add(sum.size);
    return sum;
  }

  #call(node: Node<'call'>, scope: Scope): Value {
    const [name, args] = node.args;
    const [argument] = args;
    if (!isCalled(functions, name, args.length) || !argument)
      return this.#refuse(node, notCalled(`${name}()`, functions, name));
    if (name === 'has') return this.#has(node, argument, scope);
    const form = writtenForms[name];
    if (form && !hasWrittenForm(name, argument)) return this.#refuse(node, `${name}() takes ${form.right}`);
    this.visit(argument, scope);
    this.cost.add({ ones: this.#error, texts: name === 'size' ? 1 : 0 });
    return single;
  }

  /** cel-js asks no questions here: a field that does not exist is absent for ever. */
  #has(node: ASTNode, argument: ASTNode, scope: Scope): Value {
    const { base, steps } = pathIn(argument);
    const right = "a path such as claims.tenant; for a header write 'x-tenant' in request.headers";
    if (base.op !== 'id' || steps.length === 0) return this.#refuse(node, `has() takes ${right}`);
    const variable = scope.get(base.args);
    const most = !isObjectName(base.args) || steps[0] === 'headers' ? 2 : 1;
    const isTooLong = variable ? !variable.dynamic : base.args !== 'claims' && steps.length > most;
    if (isTooLong)
      return this.#refuse(node, `has() is asked for a part of a text or list; it takes ${right}`);
    this.visit(argument, scope);
    return single;
  }

  #method(node: Node<'rcall'>, scope: Scope): Value {
    const [name, receiver, args] = node.args;
    if (!isCalled(methods, name, args.length))
      return this.#refuse(node, notCalled(`.${name}()`, methods, name));
    const value = this.visit(receiver, scope);
    if (loops.includes(name)) return this.#loop(name, value, args, scope);
    const given = args.map((argument) => this.visit(argument, scope));
    this.#mayFail(value, ...given);
    if (name === 'size') this.cost.add({ texts: 1 });
    if (name === 'contains') this.cost.add({ texts: 1 / 16 });
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
