/**
 * Tests that try very many inputs, or that build and start much. They would take two minutes of the five that
 * `npm test` may take, so `npm run test:long` runs them, and `.ci/run` too.
 */
export const longTests: readonly string[] = [
  'test/chaos/smoke.test.ts',
  'test/charts/serve.test.ts',
  'test/compare/regressions.test.ts',
  'test/config/command-line.test.ts',
  'test/console/browser-hostile.test.ts',
  'test/console/browser-keyboard.test.ts',
  'test/console/browser-live.test.ts',
  'test/console/browser-page.test.ts',
  'test/console/browser-permission.test.ts',
  'test/console/browser-scenes.test.ts',
  'test/hostile/fuzz/budgets.test.ts',
  'test/hostile/fuzz/differential.test.ts',
  'test/hostile/fuzz/fuzz.test.ts',
  'test/hostile/stories.test.ts',
  'test/hostile/unread-headers.test.ts',
  'test/hostile/wire/floods.test.ts',
  'test/http2/survives.test.ts',
  'test/image/image.test.ts',
  'test/lint/lint.test.ts',
  'test/migrate/strictness.test.ts',
  'test/observability/chaos.test.ts',
  'test/observability/rules.test.ts',
  'test/suggest/demo.test.ts',
  'test/suggest/exact.test.ts',
  'test/suggest/hostile.test.ts',
  'test/trust/package.test.ts',
  'test/workers/broken-files.test.ts',
  'test/workers/workers.test.ts',
];
