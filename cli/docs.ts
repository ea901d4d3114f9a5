/** Writes what is made from the node definitions and tables: reference docs, and a schema of flow files. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { actsPage } from '../runtime/audit/acts-page.ts';
import { asyncApi } from '../runtime/events/asyncapi.ts';
import { interfacePages } from '../runtime/interfaces/page.ts';
import { interfacesOf } from '../runtime/interfaces/of-project.ts';
import { registerOf } from '../runtime/interfaces/register.ts';
import { errorDocs, nodeDocs } from '../runtime/node-red/docs.ts';
import { flowSchema } from '../runtime/node-red/flow-schema.ts';
import { readDefinitions } from '../runtime/node-red/palette.ts';
import { rightsPage } from '../runtime/odoo/rights/page.ts';
import { versionsPage } from '../runtime/odoo/versions/page.ts';

/** Path of a file below the project → what it should hold. */
export async function madeDocs(root: string): Promise<Map<string, string>> {
  const definitions = await readDefinitions(join(root, 'nodes'));
  const format = await readFile(join(root, 'definitions/flow-file.schema.json'), 'utf8');
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const schema = flowSchema(JSON.parse(format) as Record<string, unknown>, definitions);
  const outputs = new Map(definitions.map(({ type, outputs: all }) => [type, all.map(({ name }) => name)]));
  const { derived, entries } = await interfacesOf({
    flowsDir: join(root, 'flows'),
    definitionsDir: join(root, 'definitions'),
    outputsOf: (type) => outputs.get(type),
  });
  const interfaces = [...interfacePages(registerOf(derived, entries))];
  return new Map([
    ...interfaces.map(([name, text]): [string, string] => [`docs/interfaces/${name}`, text]),
    ['docs/nodes.md', nodeDocs(definitions)],
    ['docs/errors.md', errorDocs()],
    ['docs/operators/audit-acts.md', actsPage()],
    ['docs/operators/odoo-rights.md', rightsPage()],
    ['docs/operators/odoo-versions.md', versionsPage()],
    ['docs/asyncapi.json', `${JSON.stringify(asyncApi(join(root, 'definitions'), version), null, 2)}\n`],
    ['definitions/flow-file.editor.schema.json', `${JSON.stringify(schema, null, 2)}\n`],
  ]);
}

export async function writeDocs(root: string): Promise<string[]> {
  const made = await madeDocs(root);
  for (const [path, text] of made) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return [...made.keys()];
}
