import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { Misuse } from '../../src/cli/misuse.ts';
import { suggestCommand } from '../../src/cli/suggest.ts';
import { suggestRules } from '../../src/suggest/command.ts';
import { account, alice, configWith, getA, health, judgeBy, lineOf, now } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerproof-suggest-'));
test.after.always(() => rmSync(folder, { recursive: true }));
let files = 0;

/** Runs the command in this process, with a configuration of its own. */
async function run(lines: readonly string[], options: Partial<Parameters<typeof suggestRules>[0]> = {}) {
  const config = join(folder, `${files++}.yaml`);
  writeFileSync(config, configWith(health));
  const printed: string[] = [];
  const notes: string[] = [];
  const steps: string[] = [];
  const exitCode = await suggestRules(
    {
      ...{ config, files: ['-'], all: false, generalizePaths: false, write: false },
      ...{ format: 'text', limit: 100, ...options },
    },
    {
      input: Readable.from([Buffer.from(`${lines.join('\n')}\n`)]),
      ...{
        print: async (text) => void printed.push(text),
        note: async (text) => void notes.push(...text.split('\n')),
        now,
        onStep: (what, done, total) => void steps.push(`${what}: ${done} of ${total}`),
      },
    },
  );
  return { config, printed: printed.join('\n'), notes, steps, exitCode, text: readFileSync(config, 'utf8') };
}

const { boundBy: _, ...unbound } = alice;
const ofOrders = [
  lineOf(account, { ...getA, path: '/orders/1' }, { decision_id: 'first' }),
  lineOf(account, { ...getA, path: '/orders/2' }, { time: '2026-01-02T00:00:00.000Z' }),
];

test('suggest – prints the difference, and reports how often each rule was seen', async (t) => {
  const { config, printed, notes, steps, exitCode, text } = await run([
    'a line of another program',
    ...ofOrders,
    lineOf(account, getA, { would_deny: 'token_expired' }),
  ]);
  t.is(exitCode, 0);
  t.true(printed.startsWith(`--- ${config}\n+++ ${config}\n@@ `), printed);
  t.true(printed.includes('\n+      paths: [/orders/1, /orders/2]\n'), printed);
  t.deepEqual(notes, [
    'suggested-a.example-1: seen 2 times from 2026-01-01T00:00:00.000Z to 2026-01-02T00:00:00.000Z, for example first',
    'not proposed: token_expired (1)',
  ]);
  t.is(text, configWith(health), 'the file is unchanged');
  t.deepEqual(steps, [
    ...[1, 2, 3, 4].map((read) => `lines of the log: ${read} of undefined`),
    ...[0, 1].map((done) => `different requests of the log: ${done} of 2`),
    ...['rules that are tried: 0 of 1', 'rules that are tried with other callers: 0 of 1'],
  ]);
});

test('suggest – write changes the file, and a second run has nothing to add', async (t) => {
  const first = await run(ofOrders, { write: true });
  t.is(first.notes.at(-1), `${first.config}: changed`);
  t.is(await judgeBy(first.text)(account, { ...getA, path: '/orders/1' }), 'allowed');
  const second = await run(ofOrders, { config: first.config, write: true });
  t.is(second.printed, '');
  t.deepEqual(second.notes, [
    'no rule is proposed',
    'the configuration already allows what these lines show (2)',
  ]);
  t.is(readFileSync(first.config, 'utf8'), first.text);
});

test('suggest – json has the difference, the rules and the counts in one object', async (t) => {
  const { printed, notes } = await run([...ofOrders, lineOf(unbound, { ...getA, path: '/*' })], {
    format: 'json',
  });
  const { diff, rules, ...others } = JSON.parse(printed);
  t.true(diff.startsWith('--- '));
  t.is(rules[0].observations, 2);
  t.deepEqual(rules[0].rule.match.paths, ['/orders/1', '/orders/2']);
  t.deepEqual(others, {
    not_proposed: { 'the path cannot be written as a pattern for itself': 1 },
    ...{ already_allowed: 0, left_out: 0, notes: [] },
  });
  t.deepEqual(notes, []);
});

test('suggest – warns of a rule without a proof, and of what a general path also allows', async (t) => {
  const { notes } = await run([lineOf(unbound, { ...getA, path: '/orders/7' })], { generalizePaths: true });
  t.is(notes.length, 3);
  t.regex(notes[1] ?? '', /^ {2}warning: nothing proved that the sender owns the token/);
  t.regex(notes[2] ?? '', /^ {2}warning: \/orders\/\* stands for the seen paths \(1\)/);
});

test('suggest – shows an ID of any origin without what a terminal obeys', async (t) => {
  const { notes } = await run([lineOf(account, getA, { decision_id: '\u001b[2J' })]);
  t.true(notes[0]?.endsWith('for example "\\u{1b}[2J"'), notes[0]);
});

test('suggest – says if there are more observations than it may use, or no decisions', async (t) => {
  t.is(
    (await run(ofOrders, { limit: 1 })).notes.at(-1),
    'too many different observations: --limit raises the bound, and these lines were left out (1)',
  );
  t.deepEqual((await run(['x', 'y'])).notes, [
    'no rule is proposed',
    'lines that were read: 2; none is a decision of Peerproof',
  ]);
});

test('suggest – a file that cannot be read is a failure, and the others count', async (t) => {
  const log = join(folder, 'part.log');
  writeFileSync(log, ofOrders.join('\n'));
  const { exitCode, notes, printed } = await run([], { files: [join(folder, 'nothing'), log] });
  t.is(exitCode, 1);
  t.true(notes[0]?.endsWith('cannot be read (ENOENT): there is no such file or folder'));
  t.true(printed.includes('/orders/2'));
});

for (const args of [
  ['--format', 'xml'],
  ['--generalize', 'hosts'],
  ['--limit', '0'],
  ['--limit', '1e9'],
])
  test(`suggest – ${args.join(' ')} is wrong usage`, async (t) => {
    await t.throwsAsync(suggestCommand.run([...args, 'x.log']), { instanceOf: Misuse });
  });
