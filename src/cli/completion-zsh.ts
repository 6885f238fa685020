import type { Completable, CompletableCommand, CompletableOption } from './completable.ts';

/** A script for zsh, to be read at its start or to be put into a folder of `fpath` as `_peerproof`. */
export function completionOfZsh(commands: readonly CompletableCommand[]): string {
  const rows = [...commands.map(({ name, summary }) => [name, summary]), ['help', 'Shows the commands.']];
  return `#compdef peerproof
# Completion of peerproof for zsh. Put this line into ~/.zshrc after compinit: source <(peerproof completion zsh)
_peerproof() {
  local -a commands
  commands=(
${rows.map(([name = '', summary = '']) => `    ${quoted(`${name}:${escaped(summary)}`)}`).join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
    help) _describe command commands ;;
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _peerproof ]]; then _peerproof "$@"; else compdef _peerproof peerproof; fi
`;
}

function commandCase(command: CompletableCommand): string {
  const specifications = command.options.map(optionSpecification);
  const { words, takesFiles } = command;
  const rest = words.length > 0 || takesFiles ? [quoted(`*:argument:${action(command)}`)] : [];
  return `    ${command.name}) _arguments ${[...specifications, ...rest].join(' \\\n      ')} ;;`;
}

/** `*`: zsh would not offer an option again that may be repeated. */
function optionSpecification(option: CompletableOption): string {
  const { name, text, takesValue } = option;
  return quoted(
    `*${name}${takesValue ? '=' : ''}[${escaped(text)}]${takesValue ? `:value:${action(option)}` : ''}`,
  );
}

function action({ words, takesFiles }: Completable): string {
  if (takesFiles) return '_files';
  return words.length > 0 ? `(${words.join(' ')})` : ' ';
}

function escaped(text: string): string {
  return text.replaceAll(/[\\:[\]]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
