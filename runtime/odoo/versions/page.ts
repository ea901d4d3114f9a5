/** Makes the page of the docs from the table of names. */
import { common, contexts, known, majors, type Major, type Part, type Versions } from './names.ts';
import { entries, includes, versionsOf, words, type Entry } from './table.ts';

const head = `# Versions of Odoo

The hub works with Odoo 14 to 19. This page is generated from the table in \`runtime/odoo/versions/names.ts\`, which lists every model,
field, method and value of Odoo that the hub's code or a shipped flow names. A test fails when the code uses a name that it does not list.

- **run**: the hub's test suites run against a real Odoo of this version, 14 and 19.
- **read**: the name is in Odoo's source of this version. Nothing was run there.
- **–**: this version does not have the name.

The source of 19 is the package that the test stack installs. The others were read in public copies of Odoo's branches, of these
dates: 14.0 August 2022; 15.0 August 2022, January 2023 and June 2024; 16.0 March 2024 and February 2026; 17.0 July 2024
and September 2025; 18.0 February and May 2025. Where a version has more than one date, all its copies agree.

The hub does not go by the version number, because a hosted Odoo can be between two versions. At its first call it asks Odoo
which fields a model has (\`fields_get\`). Only what Odoo cannot answer is looked up in this table by version.

Flows use the names of Odoo 19. With an older Odoo, **odoo call** and **odoo changes** translate the names they send, and translate
the answers back. The test of this page only finds names that stand in the code as text. It does not find a name that the code
assembles, a single word far from its model, or a field that a mapping reads from an answer.
`;

export function versionsPage(): string {
  const topics = Map.groupBy(entries(), ({ topic }) => topic);
  const parts = [...topics].map(([topic, all]) => `## ${capital(topic)}\n\n${all.map(section).join('\n')}`);
  return `${head}\n## Every model\n\n${section({ model: '', part: common })}\n${contextTable()}\n${parts.join('\n')}`;
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

/** Lists what all versions share in one line, then a row for each name that differs. */
function section({ model, part }: Pick<Entry, 'model' | 'part'>): string {
  const everywhere = [...words(part.fields), ...words(part.methods).map((name) => `${name}()`)];
  const own = everywhere.filter((name) => !differs(part, name));
  const others = [...everywhere.filter((name) => differs(part, name)), ...Object.keys(part.only ?? {})];
  const title = model === '' ? '' : `### \`${model}\`\n\n`;
  const is = `${part.unrun ? 'Never run' : cells(part, model)}`;
  const all = own.length === 0 ? '' : `${own.map((name) => `\`${name}\``).join(', ')}: ${is}.\n`;
  const rows = others.map((name) => row(model, part, name));
  const table = rows.length === 0 ? '' : `${all === '' ? '' : '\n'}${tableOf(rows)}`;
  return `${title}${all}${table}${valuesOf(part)}`;
}

/** Describes which versions were run or read, for what every version of the model has. */
function cells(part: Part, model: string): string {
  const has = majors.filter((major) => includes(part.model, major));
  const [run, read] = (['run', 'read'] as const).map((how) => has.filter((major) => known[major] === how));
  const said = [
    ...(run!.length > 0 ? [`run on ${span(run!)}`] : []),
    ...(read!.length > 0 ? [`read of ${span(read!)}`] : []),
  ];
  const missing = model !== '' && has.length < majors.length ? ['in no other version'] : [];
  return [...said, ...missing].join(', ');
}

function span(some: readonly Major[]): string {
  const [first, last] = [some[0]!, some.at(-1)!];
  if (first === last) return String(first);
  return last - first === some.length - 1 ? `${first} to ${last}` : some.join(' and ');
}

function differs(part: Part, name: string): boolean {
  return [part.must, part.plain, part.notes].some((of) => of?.[name] !== undefined);
}

function row(model: string, part: Part, name: string): string[] {
  const has =
    model === ''
      ? majors.filter((major) => includes(part.only?.[name], major))
      : (versionsOf(model, name) ?? []);
  const cell = (major: Major) => (has.includes(major) ? known[major] : '–');
  return [`\`${name}\``, ...majors.map(cell), whatDiffers(part, name)];
}

function whatDiffers({ must, plain, notes }: Part, name: string): string {
  const said = [
    ...(must?.[name] ? [`must be given in ${inWords(must[name])}`] : []),
    ...(plain?.[name] ? [`plain text in ${inWords(plain[name])}, HTML after`] : []),
    ...(notes?.[name] ? [notes[name]] : []),
  ];
  return said.join('; ');
}

function inWords(versions: Versions): string {
  return versions.replace('-', ' to ');
}

function tableOf(rows: readonly string[][]): string {
  const header = ['name', ...majors.map(String), 'what differs'];
  const lines = [header, header.map(() => '---'), ...rows];
  return `${lines.map((cell) => `| ${cell.join(' | ')} |`).join('\n')}\n`;
}

function valuesOf({ values = {} }: Part): string {
  const lines = Object.entries(values).map(([field, text]) => `- \`${field}\` is ${valuesInWords(text)}`);
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}

/** Formats values such as `draft, done 14-16`: each with its versions, unless it is in all. */
function valuesInWords(text: string): string {
  return text
    .split(', ')
    .map((one) => {
      const [, value, versions] = /^(.+?)(?: (\d\d(?:-\d\d)?))?$/.exec(one)!;
      return `\`${value}\`${versions ? ` (${versions.replace('-', ' to ')})` : ''}`;
    })
    .join(', ');
}

function contextTable(): string {
  const rows = Object.entries(contexts).map(([key, versions]) => [
    `\`${key}\``,
    ...majors.map((major) => (includes(versions, major) ? known[major] : '–')),
    '',
  ]);
  return `In the context:\n\n${tableOf(rows)}`;
}
