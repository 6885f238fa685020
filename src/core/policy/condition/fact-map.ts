import { EvaluationError } from '@marcbachmann/cel-js';

/**
 * A map of claims or headers. To ask for what can be no key is an error, as in CEL: cel-js says that it is
 * not in the map, so that `!(claims.role in claims.banned)` would hold for a role that is a list.
 */
export class FactMap<V> extends Map<string, V> {
  override get(key: string): V | undefined {
    const asked: unknown = key;
    if (typeof asked === 'object')
      throw new EvaluationError({ code: 'no_such_overload', message: 'no_such_overload' });
    return super.get(key);
  }
}

// cel-js knows maps by their constructor.
Object.defineProperty(FactMap.prototype, 'constructor', { value: Map });
