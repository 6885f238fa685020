/** No file imports this one: read-condition.ts loads it by its name. */
export { compileCondition } from '../core/policy/condition/condition.ts';
