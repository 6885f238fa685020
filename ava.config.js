import { enableCompileCache } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { longTests } from './tools/long-tests.ts';
import { bySpread } from './tools/test-order.ts';

// Each test file runs in a thread of its own and loads its modules anew, so what was stripped and compiled is kept.
// The threads read the variable.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compile');
enableCompileCache(process.env.NODE_COMPILE_CACHE);

export default {
  extensions: ['ts'],
  files: ['test/**/*.test.ts', ...longTests.map((file) => `!${file}`)],
  // Many tests wait for Envoy, so three files more than there are cores run at once.
  concurrency: availableParallelism() + 3,
  sortTestFiles: bySpread,
  timeout: '240s',
};
