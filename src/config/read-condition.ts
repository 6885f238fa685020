import { createRequire } from 'node:module';
import { extname } from 'node:path';
import type * as Language from './condition-language.ts';

const require = createRequire(import.meta.url);
let language: typeof Language | undefined;

/**
 * Reads a condition as `compileCondition` does. The first one loads the language and its package: a start
 * without conditions takes 5 % less. Not by `import()`, because all of the reading would have to wait for it.
 */
export const readCondition: (typeof Language)['compileCondition'] = (source) => {
  language ??= require(`./condition-language${extname(import.meta.url)}`) as typeof Language;
  return language.compileCondition(source);
};
