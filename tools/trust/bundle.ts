/**
 * `node tools/trust/bundle.ts`, part of `npm run build`: writes dist/program, the code of the product and of its packages in
 * few files. To find, read and link 560 files takes Node longer than to run them (docs/performance.md). Contains nothing that
 * differs between two builds. Does not check types: `tsc` does that before.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const top = fileURLToPath(new URL('../..', import.meta.url));

rmSync(`${top}/dist/program`, { recursive: true, force: true });
await build({
  cwd: top,
  input: {
    main: 'src/main.ts',
    // No file imports these: each runs in a process of its own.
    'reading-process': 'src/config/reading-process.ts',
    'work-process': 'src/console/work-process.ts',
  },
  platform: 'node',
  // The output names its sources by paths in this folder, also if node_modules is a link.
  resolve: { symlinks: false },
  transform: { target: 'node22.20' },
  // A warning is about code that may not do what its author meant.
  onLog(level, { message }) {
    if (level === 'warn') throw new Error(message);
  },
  output: {
    // As deep as the folders of src/, because both look for package.json two levels above.
    dir: 'dist/program',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    // Two classes of one file cannot have the same name, and packages compare names of classes.
    keepNames: true,
    // With `node --enable-source-maps` a stack names the files of src/. The sources are not part of the package.
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
});
