import type { Completable, CompletableCommand, CompletableOption } from './completable.ts';

/** A script for fish 3 and later. It asks for the second word, so an argument is not taken for a command. */
export function completionOfFish(commands: readonly CompletableCommand[]): string {
  const starts = `complete -c peerproof -n __peerproof_starts`;
  return `# Completion of peerproof for fish. Save it as ~/.config/fish/completions/peerproof.fish
function __peerproof_starts
    set -l words (commandline -opc)
    test (count $words) -eq 1
end
function __peerproof_runs
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test "$words[2]" = $argv[1]
end
complete -c peerproof -f
${starts} -a help -d 'Shows the commands.'
${starts} -l help -d 'Shows the commands.'
${starts} -l version -d 'Shows the version.'
${commands.map(({ name, summary }) => `${starts} -a ${name} -d ${quoted(summary)}`).join('\n')}
complete -c peerproof -n '__peerproof_runs help' -a ${quoted(commands.map(({ name }) => name).join(' '))}
${commands.flatMap(commandLines).join('\n')}
`;
}

function commandLines(command: CompletableCommand): string[] {
  const start = `complete -c peerproof -n '__peerproof_runs ${command.name}'`;
  const { words, takesFiles } = command;
  return [
    ...command.options.map((option) => `${start} ${optionLine(option)}`),
    ...(words.length > 0 || takesFiles ? [`${start}${values(command)}`] : []),
  ];
}

function optionLine(option: CompletableOption): string {
  const kind = option.takesValue ? ` -r${option.takesFiles ? '' : ' -f'}${values(option)}` : '';
  return `-l ${option.name.slice(2)}${kind} -d ${quoted(option.text)}`;
}

function values({ words, takesFiles }: Completable): string {
  return `${takesFiles ? ' -F' : ''}${words.length > 0 ? ` -a ${quoted(words.join(' '))}` : ''}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
