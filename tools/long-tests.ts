/**
 * Tests that try very many inputs, or that build and start much. They would take a minute of the five that
 * `npm test` may take, so `npm run test:long` runs them, and `.ci/run` too.
 */
export const longTests: readonly string[] = [
  'test/chaos/smoke.test.ts',
  'test/compare/regressions.test.ts',
  'test/console/browser-hostile.test.ts',
  'test/console/browser-keyboard.test.ts',
  'test/console/browser-live.test.ts',
  'test/console/browser-page.test.ts',
  'test/console/browser-permission.test.ts',
  'test/console/browser-scenes.test.ts',
  'test/hostile/fuzz/budgets.test.ts',
  'test/hostile/fuzz/differential.test.ts',
  'test/hostile/fuzz/fuzz.test.ts',
  'test/lint/lint.test.ts',
  'test/observability/chaos.test.ts',
  'test/observability/rules.test.ts',
  'test/trust/package.test.ts',
  'test/workers/broken-files.test.ts',
];
