/** docs/interfaces: the register of the flows that are shipped, as pages. */
import { dataClasses } from './file.ts';
import { kinds, type Kind } from './derive.ts';
import type { Registered } from './register.ts';

const titles: Record<Kind, string> = {
  webhook: 'Webhooks',
  event: 'Events',
  edi: 'EDI documents',
  api: 'APIs that the hub calls',
  file: 'Files',
};
const made = 'Made by `crossdock docs` from flows, events, partners and definitions/interfaces.yaml.';

/** Path below docs/interfaces → text. */
export function interfacePages(all: readonly Registered[]): Map<string, string> {
  const pages = kinds.map((kind): [string, string] => [`${kind}.md`, page(kind, all)]);
  return new Map([['README.md', overview(all)], ...pages]);
}

function overview(all: readonly Registered[]): string {
  const rows = kinds.map((kind) => {
    const own = all.filter((one) => one.kind === kind);
    const counts = dataClasses.map((of) => own.filter(({ entry }) => entry?.class === of).length);
    return `| [${titles[kind]}](${kind}.md) | ${own.length} | ${counts.join(' | ')} |`;
  });
  return [
    '# Interfaces',
    '',
    `${made} States, approval and edge policies: [operators/interfaces.md](../operators/interfaces.md).`,
    '',
    `| kind | all | ${dataClasses.join(' | ')} |`,
    `| --- | --- | ${dataClasses.map(() => '---').join(' | ')} |`,
    ...rows,
    '',
  ].join('\n');
}

function page(kind: Kind, all: readonly Registered[]): string {
  const own = all.filter((one) => one.kind === kind);
  return [`# ${titles[kind]}`, '', made, '', ...own.flatMap(section)].join('\n');
}

function section(one: Registered): string[] {
  const { id, summary, state, entry, version, tier, flows, consumers, contract } = one;
  const rows: [string, string | undefined][] = [
    ['state', [state, entry?.sunset && `until ${entry.sunset}`].filter(Boolean).join(' ')],
    ['owner', entry?.owner],
    ['data', entry?.class],
    ['tier', tier],
    ['version', version],
    ['flows', flows.join(', ')],
    ['consumers', consumers.join(', ')],
    ['contract', [...contract.operations, ...contract.schemas].map((text) => `\`${text}\``).join('<br>')],
    ['signature', contract.signature],
    ['compatibility', contract.compatibility],
    ['edge policy', entry?.edge && Object.keys(entry.edge).join(', ')],
  ];
  const lines = rows.flatMap(([what, said]) => (said ? `| ${what} | ${said.replaceAll('|', '\\|')} |` : []));
  return [`## ${id}`, '', ...(summary ? [summary, ''] : []), '| | |', '| --- | --- |', ...lines, ''];
}
