/**
 * `node tools/mutations/run.ts [WORD…] [--seconds NUMBER --seed TEXT]`: applies each deliberate weakening to a copy of the
 * project, one at a time, and runs the corpus. Prints caught/total; ends with 1 unless all are. With words, only those
 * whose name holds one. With a time, as many as fit: each seed chooses others.
 */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runAva } from '../run-ava.ts';
import { readTimeBox, TimeBox, timeBoxFlags } from '../time-box.ts';
import { mutations } from './list.ts';
import type { Mutation } from './mutation.ts';
import { editsOf, weaken } from './weaken.ts';

const top = fileURLToPath(new URL('../..', import.meta.url));
/** The corpus in memory, without Envoy and processes. Each run takes some seconds. */
const corpus = ['test/hostile/pure.test.ts'];
const copied = [
  'src',
  'test',
  'proto',
  'bin',
  'console',
  'demo',
  'docs',
  'tools',
  'istio',
  'kustomize',
  'package.json',
  'ava.config.js',
  'tsconfig.json',
  'README.md',
  'SECURITY.md',
];

type Outcome = 'caught' | 'missed' | 'broken';

/** A copy of the project, so that no weakening can remain in the project itself. */
async function createCopy(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'peerproof-mutation-'));
  for (const name of copied) await cp(join(top, name), join(directory, name), { recursive: true });
  await symlink(join(top, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

/** Long enough for all tests that are named here, on a slow machine. */
const runWithin = 1_800_000;
/** What one of them takes on a slow machine with two cores, while others run beside it. */
const secondsEach = 6;
/** A weakening often makes a test wait for what never comes. So the waiting is nearly as short as on a quiet machine. */
const hurried = { TEST_SLACK: '2' };

const runTests = (
  directory: string,
  files: readonly string[],
  options: readonly string[],
  env: NodeJS.ProcessEnv = {},
) => runAva(directory, ['--tap', ...options, ...files], { env: { CI: 'true', ...env }, timeout: runWithin });

/** A weakened source that does not load proves nothing, so one test must fail and another must pass. */
async function tryTests(directory: string, files: readonly string[]): Promise<Outcome> {
  const run = (tests: readonly string[], ...options: string[]) =>
    runTests(directory, tests, [...options, '--timeout', '120s'], hurried);
  // The first failure is enough. If nothing passed before it, the corpus shows that the mutant loads.
  const { code, output } = await run(files, '--fail-fast');
  if (code === 0) return 'missed';
  const failed = /^not ok /m.test(output);
  const passed = /^ok /m.test(output);
  return failed && (passed || /^ok /m.test((await run(corpus)).output)) ? 'caught' : 'broken';
}

/** The tests that are named for it are few and quick, so they come before the corpus. */
async function judge(directory: string, mutation: Mutation): Promise<Outcome> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const edit of editsOf(mutation)) {
      const path = join(directory, edit.file);
      const source = await readFile(path, 'utf8');
      const weaker = weaken(source, edit);
      if (weaker === undefined) return 'broken';
      undo.push(() => writeFile(path, source));
      await writeFile(path, weaker);
    }
    const { also = [] } = mutation;
    const named = also.length > 0 ? await tryTests(directory, also) : 'missed';
    // Awaited here, because the next step removes the weakening.
    return named === 'missed' ? await tryTests(directory, corpus) : named;
  } finally {
    for (const restore of undo) await restore();
  }
}

const { positionals: words, values } = parseArgs({ options: timeBoxFlags, allowPositionals: true });
const time = readTimeBox(values);
const named = mutations.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
// The tests of all that are chosen run first, so a short time needs a short list.
const most = time && Math.floor(time.seconds / secondsEach);
const waiting = new TimeBox(named, ({ name }) => name, time, most);
const chosen = [...waiting.left];
// Some tests wait, so one more than there are cores.
const copies = await Promise.all(Array.from({ length: availableParallelism() + 1 }, createCopy));
const outcomes = new Map<string, Outcome>();
try {
  const tests = new Set(chosen.flatMap(({ also = [] }) => also));
  const [copy = top] = copies;
  const files = [...corpus, ...tests];
  const together = await runTests(copy, files, []);
  // Some of them measure the machine, so a failure counts only if it comes one file at a time too.
  const sound = together.code === 0 ? together : await runTests(copy, files, ['--concurrency', '1']);
  if (sound.code !== 0) {
    console.error(`${sound.output}\nthe tests fail without any mutation`);
    process.exitCode = 1;
  } else {
    await Promise.all(
      copies.map(async (directory) => {
        for (let next = waiting.next(); next; next = waiting.next()) {
          const outcome = await judge(directory, next);
          outcomes.set(next.name, outcome);
          console.log(`${outcome.padEnd(7)} ${next.name}`);
        }
      }),
    );
    const caught = [...outcomes.values()].filter((outcome) => outcome === 'caught').length;
    const of = outcomes.size < mutations.length ? `, of ${mutations.length} that there are` : '';
    console.log(`mutations: ${caught}/${outcomes.size} caught${of}`);
    if (waiting.left.length > 0) console.log(`no time was left for ${waiting.left.length} more`);
    if (caught < outcomes.size || (!time && outcomes.size === 0)) process.exitCode = 1;
  }
} finally {
  await Promise.all(copies.map((directory) => rm(directory, { recursive: true, force: true })));
}
