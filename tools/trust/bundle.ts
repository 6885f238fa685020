/**
 * `node tools/trust/bundle.ts`, part of `npm run build`: writes dist/program, the code of the product and of its packages in
 * few files. To find, read and link 560 files takes Node longer than to run them (docs/performance.md). Contains nothing that
 * differs between two builds. Does not check types: `tsc` does that before.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type ChunkingContext, type Plugin } from 'rolldown';

const top = fileURLToPath(new URL('../..', import.meta.url));
const main = 'src/main.ts';
/** No file imports these: each runs in a process of its own. */
const processes = {
  'reading-process': 'src/config/reading-process.ts',
  'work-process': 'src/console/work-process.ts',
};
/** No file imports these: each is loaded by its name when it is needed. */
const onDemand = { 'condition-language': 'src/config/condition-language.ts' };

/**
 * The file of a module that the program always loads: one for each choice of processes that load it too. Without this there
 * would be a file for each choice of commands, and to open 65 of them takes longer. Null for a module that only
 * some commands load.
 */
function fileOf(id: string, context: ChunkingContext): string | null {
  if (!loadedBy(main, context).has(id)) return null;
  const others = Object.entries(processes).filter(([, entry]) => loadedBy(entry, context).has(id));
  return ['of-main', ...others.map(([name]) => name)].join('-and-');
}

const loaded = new Map<string, ReadonlySet<string>>();

/** The modules that an entry imports, and those that they import, without `import()`. */
function loadedBy(entry: string, context: ChunkingContext): ReadonlySet<string> {
  const known = loaded.get(entry);
  if (known) return known;
  const first = `${top}${entry}`;
  if (!context.getModuleInfo(first)) throw new Error(`rolldown does not know ${first}`);
  const found = new Set([first]);
  for (const id of found) for (const next of context.getModuleInfo(id)?.importedIds ?? []) found.add(next);
  loaded.set(entry, found);
  return found;
}

/** prom-client can send metrics to a Pushgateway, and loads zlib for that: 10 ms of each start. Nothing here sends them. */
const withoutPushgateway: Plugin = {
  name: 'without-pushgateway',
  load: (id) => (id.endsWith('/prom-client/lib/pushgateway.js') ? 'module.exports = undefined;' : null),
};

rmSync(`${top}/dist/program`, { recursive: true, force: true });
await build({
  cwd: top,
  input: { main, ...processes, ...onDemand },
  platform: 'node',
  plugins: [withoutPushgateway],
  // The output names its sources by paths in this folder, also if node_modules is a link.
  resolve: { symlinks: false },
  transform: { target: 'node22.20' },
  // A warning is about code that may not do what its author meant.
  onLog(level, { message }) {
    if (level === 'warn') throw new Error(message);
  },
  // The way of rolldown to let files share code with an entry.
  preserveEntrySignatures: 'allow-extension',
  output: {
    // As deep as the folders of src/, because both look for package.json two levels above.
    dir: 'dist/program',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ debugName: 'always loaded', name: fileOf }],
    },
    // Two classes of one file cannot have the same name, and packages compare names of classes.
    keepNames: true,
    // With `node --enable-source-maps` a stack names the files of src/. The sources are not part of the package.
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
});
