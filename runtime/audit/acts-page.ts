/** docs/operators/audit-acts.md: every act, the ways to it, and what has no row and why. */
import { actTable, acts, type Act } from './acts.ts';
import { callWays, commandWays, hubWays, isWithout, type Way } from './ways.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

export function actsPage(): string {
  const commands = Object.entries(commandWays).map(([name, way]): [string, Way] => [
    `crossdock ${name}`,
    way,
  ]);
  const all = [...Object.entries(callWays), ...commands];
  const waysTo = (act: Act): string => {
    const ways = all.flatMap(([name, way]) => (!isWithout(way) && way.includes(act) ? [`\`${name}\``] : []));
    return [...ways, ...(hubWays.includes(act) ? ['the hub by itself'] : [])].join(', ');
  };
  const rows = acts.map((act) => `| \`${act}\` | ${cell(actTable[act])} | ${cell(waysTo(act))} |`);
  const without = Map.groupBy(
    all.filter(([, way]) => isWithout(way)),
    ([, way]) => (isWithout(way) ? way.none : ''),
  );
  const why = [...without].map(
    ([none, ways]) => `| ${cell(none)} | ${ways.map(([name]) => `\`${cell(name)}\``).join(', ')} |`,
  );
  return `<!-- Made by \`crossdock docs\`; do not edit. -->

# Acts of the audit

What has a row in [the audit](audit.md), and how it is done.

| act | when | ways |
| --- | --- | --- |
${rows.join('\n')}

## What has none

| why | ways |
| --- | --- |
${why.join('\n')}
`;
}
