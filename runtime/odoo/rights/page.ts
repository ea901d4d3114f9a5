/** Makes the page of the docs from the table of rights. */
import { groups, neededUntil, own, table, works, type Group, type Needs, type Rights } from './needs.ts';

const head = `# Rights of the hub in Odoo

What the user of the hub must be allowed in Odoo, by what the flows do there. This page is made from the table that the hub itself
uses (\`runtime/odoo/rights/needs.ts\`). A test fails when code calls what is not in it, and another gives a user in the real
Odoo, 19 and 14, only the groups that stand here, and lets it work.

\`crossdock odoo user\` makes this user, or gives one that is there these groups in the place of its own.
A group whose app is not installed it leaves out, and says so. A user without an address gets one that leads nowhere, below
crossdock.invalid: Odoo 14 notes nothing at a record as somebody without. [How](run.md#prepare-odoo).

At its start, and when Odoo was away, the hub asks Odoo which of these rights its user has: \`check_access_rights\` up to 17,
\`has_access\` from 18 on. It asks for what the nodes of the running flows need, and for no more; what is needed only sometimes it does not ask for. What is missing is one entry in
the log, ODOO_ACCESS, that names it all, and \`/readyz\` answers 503 with the same words. It is asked again every ten seconds;
when it is given, the hub says that it works now. A message that needs it meanwhile
fails with ODOO_ACCESS, is tried again as its policy says, and then waits as an exception.

A key that Odoo refuses, or a database that is gone, holds \`/readyz\` back in the same way, at the start and later.

What is asked are rights on models. Rules on single records (of another company, for one) show with the record.

`;

export function rightsPage(): string {
  return `${head}${groupsPart()}\n${ownPart()}\n${works.map((work) => part(table[work])).join('\n')}\n${nodesPart}`;
}

function groupsPart(): string {
  const rows = (Object.keys(groups) as Group[]).map((id) => [nameOf(id), `\`${id}\``, needing(id)]);
  return `## Groups\n\nAll versions from 14 to 19 have them. A hub that does not do such work needs no such group.\n\n${tableOf(['group', 'external id', 'for'], rows)}`;
}

function nameOf(id: Group): string {
  const last = neededUntil[id];
  return last === undefined ? groups[id] : `${groups[id]} (14 to ${last} only)`;
}

function needing(id: string): string {
  const some = works.filter((work) => (table[work].groups as readonly string[]).includes(id));
  return some.length === 0 ? 'a login at all' : some.join(', ');
}

function ownPart(): string {
  return `## The group of the hub

\`crossdock odoo user\` makes one group more, **${own.name}** (\`${own.id}\`), with what Odoo's own groups give only together with much
more. External ids may otherwise be read only by those who may also make users (from 15 on). The hub finds by them what it wrote: no
message lands without.

${tableOf(['model', 'rights'], rowsOf(own.needs))}
\`ir.model\` is for the names that the editor offers; nothing else needs it. Contacts and articles are made and changed, and never deleted.
`;
}

function part({ title, groups: some, needs, sometimes, when }: Rights): string {
  const names = some.map(nameOf).join('; ');
  const more = sometimes
    ? `\nWhen ${when}, besides:\n\n${tableOf(['model', 'rights'], rowsOf(sometimes))}`
    : '';
  const name = title.replaceAll('`', '');
  return `## ${name[0]!.toUpperCase()}${name.slice(1)}\n\nGroups: ${names}; and that of the hub.\n\n${tableOf(['model', 'rights'], rowsOf(needs))}${more}`;
}

const nodesPart = `## Calls and changes of your own

Of an **odoo call** the hub asks what its method is known to need: *read* for one that only reads, *create* for \`create\`, \`copy\` and
\`name_create\`, *write* for \`write\`, *unlink* for \`unlink\`, *write* and *create* for \`load\`. What any other method needs only its model knows:
it is not asked for, and shows with the first message. **odoo changes** needs *read*. Where a flow of yours names a model that is not on this page,
give the user the group of Odoo that has it. \`crossdock odoo user\` takes it away again: give it after that.
`;

function rowsOf(needs: Needs): string[][] {
  return Object.entries(needs).map(([model, rights]) => [
    `\`${model}\`${onlyIn[model] ?? ''}`,
    rights.replaceAll(' ', ', '),
  ]);
}

const onlyIn: Record<string, string> = {
  'stock.lot': ' (16 to 19)',
  'stock.production.lot': ' (14 and 15)',
  'stock.quant': ' (14: read alone)',
  'stock.inventory': ' (14)',
  'stock.inventory.line': ' (14)',
};

function tableOf(header: string[], rows: string[][]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
