import test from 'ava';
import { commands } from '../../src/cli/commands.ts';
import { commandHelp, overview } from '../../src/cli/help.ts';

const tooLong = (help: string, copied: readonly string[] = []) =>
  help.split('\n').filter((line) => line.length > 80 && !copied.includes(line.trim()));

test('help – the list of commands fits a terminal of 80 columns', (t) => {
  t.deepEqual(tooLong(overview()), []);
});

for (const [name, command] of Object.entries(commands)) {
  const { examples, options, usage } = command;
  const lines = Object.keys(examples);

  test(`help – ${name} shows three examples`, (t) => {
    const help = commandHelp(command);
    t.true(lines.length >= 3);
    const joined = help.replaceAll('\n  # ', ' # ').replaceAll(' # ', ' ');
    for (const line of lines) {
      t.true(joined.includes(` ${examples[line]}\n  ${line}`), help);
      t.true(line.length <= 110, line);
    }
  });

  test(`help – ${name} fits a terminal of 80 columns, apart from what is there to be copied`, (t) => {
    t.deepEqual(tooLong(commandHelp(command), lines), []);
  });

  test(`help – the examples of ${name} call it with its own options`, (t) => {
    const known = [...Object.keys(options), ...usage].join(' ');
    for (const line of lines) {
      const [, args] = new RegExp(`peerproof ${name}\\b([^|>]*)`).exec(line) ?? [];
      // What follows `--` belongs to another program.
      for (const [option] of (args?.split(' -- ')[0] ?? '').matchAll(/--[\w-]+/g))
        t.true(known.includes(option), `${line}: ${option}`);
    }
    t.true(lines.filter((line) => line.includes(`peerproof ${name}`)).length >= 2);
  });
}
