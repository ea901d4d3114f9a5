/** `crossdock completion bash|zsh|fish`: a script that completes commands, the words after them, and options. */
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Command } from './command.ts';
import { manual } from './manual.ts';

interface Option {
  name: string;
  takesValue: boolean;
  what: string;
}

interface Row {
  command: string;
  what: string;
  words: readonly string[];
  options: Option[];
}

/** The completion script of a shell. Throws CodedError REQUEST_INVALID for a shell that is not known. */
export function completion(shell: string | undefined, commands: Readonly<Record<string, Command>>): string {
  const script = { bash, zsh, fish }[shell ?? ''];
  if (script)
    return script(Object.entries(commands).map(([name, { help }]) => rowOf(name, help[0]![1] ?? '')));
  throw new CodedError('REQUEST_INVALID', 'Say the shell: crossdock completion bash, zsh or fish');
}

function rowOf(command: string, what: string): Row {
  const { words = [], options = {} } = manual[command] ?? {};
  const all = Object.entries(options).map(([how, said]): Option => {
    const [name = '', value] = how.split(' ');
    return { name, takesValue: value !== undefined, what: said };
  });
  return { command, what, words, options: all };
}

const after = ({ words, options }: Row): string =>
  [...words, ...options.map(({ name }) => name), '--help'].join(' ');

const cases = (rows: readonly Row[]): string =>
  rows.map((row) => `    ${row.command}) words="${after(row)}" ;;`).join('\n');

function bash(rows: readonly Row[]): string {
  return `_crossdock() {
  local words="${rows.map(({ command }) => command).join(' ')} --help"
  if [ "$COMP_CWORD" -gt 1 ]; then case "\${COMP_WORDS[1]}" in
${cases(rows)}
    *) words="" ;;
  esac; fi
  COMPREPLY=( $(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}") )
}
complete -o default -F _crossdock crossdock
`;
}

function zsh(rows: readonly Row[]): string {
  return `#compdef crossdock
_crossdock() {
  local words_="${rows.map(({ command }) => command).join(' ')} --help"
  if (( CURRENT > 2 )); then case "$words[2]" in
${cases(rows).replaceAll('words=', 'words_=')}
    *) words_="" ;;
  esac; fi
  compadd -- \${=words_} || _files
}
compdef _crossdock crossdock
`;
}

function fish(rows: readonly Row[]): string {
  const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
  return rows
    .flatMap(({ command, what, words, options }) => {
      const seen = `complete -c crossdock -n '__fish_seen_subcommand_from ${command}'`;
      return [
        `complete -c crossdock -n __fish_use_subcommand -a ${command} -d ${quoted(what)}`,
        ...(words.length > 0 ? [`${seen} -a ${quoted(words.join(' '))}`] : []),
        ...options.map(
          (one) => `${seen} -l ${one.name.slice(2)}${one.takesValue ? ' -r' : ''} -d ${quoted(one.what)}`,
        ),
      ];
    })
    .join('\n')
    .concat('\n');
}
