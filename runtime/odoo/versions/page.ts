/** Makes the page of the docs from the table of names. */
import { common, contexts, known, majors, type Major, type Part, type Versions } from './names.ts';
import { entries, includes, versionsOf, words, type Entry } from './table.ts';

const head = `# Versions of Odoo

The hub works with Odoo 14 to 19. This page is made from its table of names (\`runtime/odoo/versions/names.ts\`): every model,
field, method and value of Odoo that the hub itself or a shipped flow names. A test fails when code names one that is not in it.

- **run**: the suites of the real Odoo run on this version, on 14 and on 19 at every change (\`.ci/run\`).
- **read**: it stands in Odoo's own source of this version, and was never run there.
- **–**: this version does not have it.

Of 19 the source is that of the package that the test stack installs. The others were read from public copies of the branches as
they stood in: 14.0 August 2022; 15.0 August 2022, January 2023 and June 2024; 16.0 March 2024 and February 2026; 17.0 July 2024
and September 2025; 18.0 February and May 2025. Where a version has two dates all copies say the same.

Which names an Odoo has is asked of it (\`fields_get\`, at the first call), not taken from its number: a hosted Odoo stands between two
versions. What an Odoo does not tell is taken from this table by its number.

Flows name things as Odoo 19 does. To an older Odoo **odoo call** and **odoo changes** say them in its own words, and its answers come
back in the words of 19. The test of this page reads what stands as text: a name that code puts together, a single word far from its
model, and what a mapping reads of an answer it does not see.
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
