import type { Completable, CompletableCommand } from './completable.ts';

/**
 * A script for bash 3.2 and later, without the package bash-completion. `=` splits words in bash, so
 * `--format=json` arrives as three words.
 */
export function completionOfBash(commands: readonly CompletableCommand[]): string {
  const names = ['help', '--help', '--version', ...commands.map(({ name }) => name)];
  return `# Completion of peerproof for bash. Put this line into ~/.bashrc: source <(peerproof completion bash)
_peerproof() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words= files= options= value=yes line
  COMPREPLY=()
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if ((COMP_CWORD == 1)); then words='${names.join(' ')}'
  else
    case "\${COMP_WORDS[1]} $prev" in
      'help help') words='${commands.map(({ name }) => name).join(' ')}' ;;
${commands.flatMap(valueCases).join('\n')}
      *) value= ;;
    esac
    if [[ -z $value ]]; then
      case \${COMP_WORDS[1]} in
${commands.map(commandCase).join('\n')}
      esac
    fi
  fi
  if [[ $cur == -* && -n $options ]]; then words=$options files=; fi
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$words" -- "$cur")
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
  fi
}
complete -F _peerproof peerproof
`;
}

/** Options with the same values share a row. */
function valueCases({ name, options }: CompletableCommand): string[] {
  const rows = new Map<string, string[]>();
  for (const option of options.filter(({ takesValue }) => takesValue)) {
    const values = assignments(option);
    rows.set(values, [...(rows.get(values) ?? []), `'${name} ${option.name}'`]);
  }
  return [...rows].map(([values, names]) => `      ${names.join('|')}) ${values} ;;`);
}

function commandCase(command: CompletableCommand): string {
  const options = command.options.map(({ name }) => name).join(' ');
  return `        ${command.name}) options='${options}' ${assignments(command)} ;;`;
}

function assignments({ words, takesFiles }: Completable): string {
  return `words='${words.join(' ')}' files=${takesFiles ? 'yes' : ''}`;
}
