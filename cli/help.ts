/** What `--help` says of all commands and of one, and what is meant by a word that is none of them. */
import type { Command, Manual } from './command.ts';

/** Options that many commands take, as the manual has them. */
export const json = { '--json': 'where a program reads it' };
export const by = { '--by NAME': 'who does it; default: who is logged in on this machine' };
export const pages = {
  '--limit N': 'how many at the most; default 1000',
  '--after PLACE': 'goes on where the list before ended, which says the place',
};
export const filters = {
  '--flow NAME': 'only of this flow',
  '--code CODE': 'only with this error code',
  '--since TIME': 'not older than this: 2h, 3d, or 2026-11-25T10:00',
  '--until TIME': 'not younger than this',
};

const column = 24;

export function helpOfAll(commands: Readonly<Record<string, Command>>): string {
  const lines = Object.values(commands).flatMap(({ help }) => help.map(inColumns));
  return `crossdock <command>\n\n${lines.join('\n')}\n\ncrossdock <command> --help tells its options, with examples\n`;
}

export function helpOf(name: string, { help }: Command, manual: Manual | undefined): string {
  const said = [`crossdock ${name}\n\n${help.map(inColumns).join('\n')}\n`];
  const options = Object.entries(manual?.options ?? {});
  if (options.length > 0) said.push(`options\n\n${options.map((option) => inColumns(option)).join('\n')}\n`);
  if (manual)
    said.push(`examples\n\n${manual.examples.map(([how, what]) => `  ${how}\n      ${what}`).join('\n')}\n`);
  return said.join('\n');
}

/** A column that is too long has what it does on the next line. */
function inColumns([how, ...what]: readonly string[]): string {
  const said = what.join(`\n${' '.repeat(column)}`);
  const first = `  ${how}`;
  return first.length < column ? first.padEnd(column) + said : `${first}\n${' '.repeat(column)}${said}`;
}

/** `; did you mean trace?`, where one of the known words is near. */
export function meant(word: string, known: readonly string[]): string {
  const near = known
    .map((one) => ({ one, away: one.startsWith(word) && word.length > 1 ? 1 : distance(word, one) }))
    .filter(({ one, away }) => away <= Math.max(1, Math.floor(one.length / 3)))
    .toSorted((a, b) => a.away - b.away);
  return near[0] ? `; did you mean ${near[0].one}?` : '';
}

/** How many letters have to be changed, added, left out, or swapped with their neighbour. */
function distance(a: string, b: string): number {
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        next[j] = Math.min(next[j]!, before[j - 2]! + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
