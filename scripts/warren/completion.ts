/** `warren completion bash|zsh`: a script that completes commands and options, made from the commands themselves. */
import { Argument, type Command } from 'commander';

export function completionCommand(program: Command, write: (text: string) => void): void {
  program
    .command('completion')
    .description('a script for the shell that completes commands and options: source <(warren completion bash)')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
    .action((shell: string) => write(completionScript(program, shell)));
}

/** Bash's, which zsh reads by its own `bashcompinit`. */
function completionScript(program: Command, shell: string): string {
  const cases = [...wordsAfter(program, '')].map(([path, words]) => `    '${path}') words='${words.join(' ')}' ;;`);
  return `${shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : ''}_warren() {
  local path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; esac
    path="$path $word"
  done
  while :; do
    case "\${path# }" in
${cases.join('\n')}
    esac
    [ -n "$words" ] || [ -z "$path" ] && break
    path="\${path% *}"
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _warren warren
`;
}

/** What may follow each command, by the words that lead to it. */
function* wordsAfter(command: Command, path: string): Generator<readonly [string, readonly string[]]> {
  const names = command.commands.map((one) => one.name());
  yield [path, [...names, ...command.options.flatMap(({ long }) => long ?? [])]];
  for (const one of command.commands) yield* wordsAfter(one, `${path} ${one.name()}`.trim());
}
