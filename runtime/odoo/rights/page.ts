/** Makes the page of the docs from the table of rights. */
import { groups, neededUntil, own, table, works, type Group, type Needs, type Rights } from './needs.ts';

const head = `# Rights of the hub in Odoo

What Odoo must allow the hub's user, by the work that its flows do. This page is generated from the table that the hub itself uses
(\`runtime/odoo/rights/needs.ts\`). One test fails when the code calls something that the table does not list. Another gives a user
in a real Odoo, 19 and 14, only the groups listed here, and has it do the work.

\`crossdock odoo user\` creates this user. An existing user gets these groups in place of its own. A group whose app is not
installed is left out, and the command says so. A user without an email address gets one below crossdock.invalid, which reaches
nobody: Odoo 14 posts no message for a user without an address. [How to prepare Odoo](run.md#prepare-odoo).

When the hub starts, and when Odoo is back after an outage, the hub asks Odoo which of these rights its user has
(\`check_access_rights\` up to 17, \`has_access\` from 18 on). It asks only for what the nodes of the running flows always need.
If rights are missing, the log has one entry, ODOO_ACCESS, that names all of them, and \`/readyz\` answers 503 with the same text.
The hub asks again every ten seconds, and logs when the rights are there. Until then a message that needs one of them
fails with ODOO_ACCESS, is retried as its policy says, and becomes an exception.

\`/readyz\` also answers 503 when Odoo refuses the API key or the database does not exist, at start and later.

The hub checks rights on models. A rule on single records, such as those of another company, only shows when the hub uses such a record.

`;

export function rightsPage(): string {
  return `${head}${groupsPart()}\n${ownPart()}\n${works.map((work) => part(table[work])).join('\n')}\n${nodesPart}`;
}

function groupsPart(): string {
  const rows = (Object.keys(groups) as Group[]).map((id) => [nameOf(id), `\`${id}\``, needing(id)]);
  return `## Groups\n\nThese groups exist in every version from 14 to 19. A hub needs only the groups of the work that it does.\n\n${tableOf(['group', 'external id', 'for'], rows)}`;
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

\`crossdock odoo user\` makes one group more, **${own.name}** (\`${own.id}\`), for rights that
Odoo's own groups only give together with many others. From Odoo 15 on, for example, only users who may manage users can read external ids.
The hub finds its own records by external id, so without this right no message reaches Odoo.

${tableOf(['model', 'rights'], rowsOf(own.needs))}
\`ir.model\` is only needed for the names that the editor offers. The hub creates and changes contacts and products, and never deletes them.
`;
}

function part({ title, groups: some, needs, sometimes, when }: Rights): string {
  const names = some.map(nameOf).join('; ');
  const more = sometimes
    ? `\nAlso needed when ${when}:\n\n${tableOf(['model', 'rights'], rowsOf(sometimes))}`
    : '';
  const name = title.replaceAll('`', '');
  return `## ${name[0]!.toUpperCase()}${name.slice(1)}\n\nGroups: ${names}; and the group of the hub.\n\n${tableOf(['model', 'rights'], rowsOf(needs))}${more}`;
}

const nodesPart = `## Calls and changes of your own

For an **odoo call** the hub checks the right that its method is known to need: *read* for a method that only reads, *create* for
\`create\`, \`copy\` and \`name_create\`, *write* for \`write\`, *unlink* for \`unlink\`, *write* and *create* for \`load\`. For any other
method the hub cannot know the rights beforehand: if one is missing, the first message fails. **odoo changes** needs *read*.
If your flow names a model that is not on this page, give the user the Odoo group that grants access to it, after
\`crossdock odoo user\`, because that command removes other groups.
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
  'stock.quant': ' (14: only read)',
  'stock.inventory': ' (14)',
  'stock.inventory.line': ' (14)',
};

function tableOf(header: string[], rows: string[][]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
