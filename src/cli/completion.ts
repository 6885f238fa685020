import { parseArgs } from 'node:util';
import { type Command, print } from './command.ts';
import { completableCommands } from './completable.ts';
import { completionOfBash } from './completion-bash.ts';
import { completionOfFish } from './completion-fish.ts';
import { completionOfZsh } from './completion-zsh.ts';
import { Misuse } from './misuse.ts';

const shells = new Map([
  ['bash', completionOfBash],
  ['zsh', completionOfZsh],
  ['fish', completionOfFish],
]);

/** Makes the command for a table of commands, in which it stands itself. */
export function completionOf(commands: () => Readonly<Record<string, Command>>): Command {
  return {
    summary: 'Writes a script with which a shell completes commands, options and files.',
    usage: ['completion bash|zsh|fish'],
    options: {},
    notes: 'The script holds the commands of this version. Write it again after an update.',
    examples: {
      'source <(peerproof completion bash)': 'Completes in this shell. In ~/.bashrc: in each one.',
      'source <(peerproof completion zsh)': 'Does the same in zsh, after compinit.',
      'peerproof completion fish > ~/.config/fish/completions/peerproof.fish': 'Completes in each fish.',
    },
    async run(args) {
      const { positionals } = parseArgs({ args, options: {}, allowPositionals: true });
      const [shell = '', ...more] = positionals;
      const write = shells.get(shell);
      if (!write || more.length > 0) throw new Misuse(`name one shell: ${[...shells.keys()].join(', ')}`);
      print(write(completableCommands(commands())).trimEnd());
      return 0;
    },
  };
}
