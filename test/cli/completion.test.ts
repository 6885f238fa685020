import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { commands } from '../../src/cli/commands.ts';
import { completableCommands } from '../../src/cli/completable.ts';
import { completionOfBash } from '../../src/cli/completion-bash.ts';
import { completionOfFish } from '../../src/cli/completion-fish.ts';
import { completionOfZsh } from '../../src/cli/completion-zsh.ts';
import { findProgram, programUnavailableReason } from '../support/debian-binary.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
test.after.always(() => rmSync(folder, { recursive: true }));
for (const name of ['a file.yaml', "it's.log", '$(touch hacked).cfg']) writeFileSync(join(folder, name), '');

const table = completableCommands(commands);
writeFileSync(join(folder, '.bash'), completionOfBash(table));
writeFileSync(join(folder, '.zsh'), completionOfZsh(table));
writeFileSync(join(folder, '.fish'), completionOfFish(table));

type Env = Readonly<Record<string, string>>;

async function run(file: string, args: readonly string[], env: Env = {}): Promise<string[]> {
  const options = { cwd: folder, env: { ...process.env, HOME: folder, ...env }, timeout: 20_000 };
  const { stdout, stderr } = await promisify(execFile)(file, [...args], options);
  if (stderr !== '') throw new Error(stderr);
  return stdout.split('\n').filter((line) => line !== '');
}

/** What bash offers for words, of which the last one is under the cursor. */
function inBash(...words: string[]): Promise<string[]> {
  const ask = `source .bash
    compopt() { :; }
    COMP_WORDS=(peerproof "$@"); COMP_CWORD=$#
    _peerproof
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', ['--norc', '-c', ask, 'bash', ...words]);
}

const own = (name: string) => [
  ...Object.keys(commands[name]?.options ?? {})
    .map((option) => option.split(' ')[0] ?? '')
    .filter((option) => option !== '--'),
  '--help',
];

test('completion – bash offers each command, and each option of each command', async (t) => {
  t.deepEqual(await inBash(''), ['help', '--help', '--version', ...Object.keys(commands)]);
  t.deepEqual(await inBash('va'), ['validate']);
  for (const name of Object.keys(commands)) t.deepEqual(await inBash(name, '--'), own(name), name);
});

for (const [title, words, offered] of [
  ['files after an option for a file', ['serve', '--config', 'a'], ['a file.yaml']],
  ['files after = too', ['serve', '--config', '=', 'a'], ['a file.yaml']],
  [
    'a file whose name is a command for the shell',
    ['migrate', 'oauth2-proxy', '--cfg', '$'],
    ['$(touch hacked).cfg'],
  ],
  ['the words of an option', ['validate', '--format', ''], ['text', 'json', 'github', 'sarif']],
  ['the words of an option after =', ['validate', '--format', '='], ['text', 'json', 'github', 'sarif']],
  ['nothing for a value that is any text', ['serve', '--issuer', ''], []],
  ['nothing where nothing may stand', ['validate', ''], []],
  ['a word that must stand', ['migrate', ''], ['oauth2-proxy']],
  ['files where they may stand', ['log', '--deny', 'it'], ["it's.log"]],
  ['commands after help', ['help', 'val'], ['validate']],
  ['nothing for an unknown command', ['nothing', ''], []],
] as const)
  test(`completion – bash offers ${title}`, async (t) => {
    t.deepEqual(await inBash(...words), offered);
  });

test('completion – zsh reads the script, and gets each command and each option', async (t) => {
  const zsh = await findProgram('zsh');
  if (!zsh) return void t.pass(`SKIPPED: ${await programUnavailableReason('zsh')}`);
  // Completion itself needs a terminal. These stand for the functions of zsh that it calls.
  const ask = `module_path+=(\${^\${(s.:.)LD_LIBRARY_PATH}}/zsh/$ZSH_VERSION)
    compdef() { }
    _describe() { print -rl -- \${(P)2} }
    _arguments() { print -rl -- "$@" }
    source .zsh
    words=(peerproof "$@" ''); CURRENT=$(($# + 2))
    _peerproof`;
  const inZsh = (...words: string[]) => run(zsh.path, ['-f', '-c', ask, 'zsh', ...words], zsh.env);
  t.deepEqual(
    (await inZsh()).map((line) => line.split(':')[0]),
    [...Object.keys(commands), 'help'],
  );
  for (const name of Object.keys(commands)) {
    const specifications = await inZsh(name);
    const options = specifications.flatMap((one) => /^\*(--[\w-]+)=?\[.*\]/.exec(one)?.[1] ?? []);
    t.deepEqual(options, own(name), name);
  }
  t.true(
    (await inZsh('serve')).includes(
      '*--config=[The configuration file. Default\\: peerproof.yaml.]:value:_files',
    ),
  );
});

test('completion – fish offers commands, options, words and files', async (t) => {
  const fish = await findProgram('fish');
  if (!fish) return void t.pass(`SKIPPED: ${await programUnavailableReason('fish')}`);
  const ask = 'source .fish; complete -C $argv[1]';
  const inFish = async (line: string) =>
    (await run(fish.path, ['--no-config', '-c', ask, line], fish.env)).map((one) => one.split('\t')[0]);
  t.deepEqual((await inFish('peerproof ')).toSorted(), ['help', ...Object.keys(commands)].toSorted());
  for (const name of Object.keys(commands))
    t.deepEqual((await inFish(`peerproof ${name} --`)).toSorted(), own(name).toSorted(), name);
  t.deepEqual((await inFish('peerproof validate --format ')).toSorted(), ['github', 'json', 'sarif', 'text']);
  t.deepEqual(await inFish('peerproof serve --config a'), ['a file.yaml']);
  t.deepEqual(await inFish('peerproof migrate '), ['oauth2-proxy']);
  t.deepEqual(await inFish('peerproof validate '), []);
});
