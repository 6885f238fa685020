import test from 'ava';
import { commands } from '../../src/cli/commands.ts';
import { commandHelp } from '../../src/cli/help.ts';

for (const [name, command] of Object.entries(commands)) {
  const { examples, options, usage } = command;
  const lines = Object.keys(examples);

  test(`help – ${name} shows three examples`, (t) => {
    const help = commandHelp(command);
    t.true(lines.length >= 3);
    for (const line of lines) {
      t.true(help.includes(`\n  # ${examples[line]}\n  ${line}\n`), help);
      t.true(line.length <= 110, line);
    }
  });

  test(`help – ${name} fits a terminal`, (t) => {
    const tooLong = commandHelp(command)
      .split('\n')
      .filter((line) => line.length > 112);
    t.deepEqual(tooLong, []);
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
