/** What is shipped to be taken: every flow is in the catalogue, and each item by itself is whole. */
import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { palette } from '../cli/project.ts';
import { carryOut, planAdd, planUpgrade } from '../runtime/catalogue/bring.ts';
import { packageName } from '../runtime/catalogue/init.ts';
import { knowledgeOf, type Knowledge } from '../runtime/catalogue/knowledge.ts';
import { registerPath } from '../runtime/catalogue/proposed.ts';
import { openShelf, withNeeds, type Shelf } from '../runtime/catalogue/shelf.ts';
import { take } from '../runtime/catalogue/take.ts';
import { loadInterfaces, type Entries } from '../runtime/interfaces/file.ts';
import { lintFlows } from '../runtime/lint/lint.ts';
import { openProject } from '../runtime/lint/project.ts';
import { flowFilesOf, readFileSet } from '../runtime/flow-file/file-set.ts';

const root = resolve(import.meta.dirname, '..');

describe('the catalogue', () => {
  let shelf: Shelf;
  let known: Knowledge;
  let types: Awaited<ReturnType<typeof palette>>['types'];
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-shelf-'));

  before(async () => {
    const read = await palette();
    types = read.types;
    known = knowledgeOf(read);
    shelf = await openShelf(root);
  });
  after(() => rmSync(dir, { recursive: true }));

  it('has every flow that is shipped', () => {
    const listed = new Set(
      [...shelf.items.values()].flatMap(({ flows = [] }) => flows.map((name) => `flows/${name}.yaml`)),
    );
    const shipped = [...shelf.files.keys()].filter((path) =>
      /^flows\/(?!connections\.)[^.]+\.yaml$/.test(path),
    );
    deepStrictEqual([...listed].toSorted(), shipped);
  });

  it('has all files as they are when all is taken', () => {
    const all = take(shelf, shelf.items.keys(), known.facts);
    for (const [path, text] of all) if (path !== registerPath) strictEqual(text, shelf.files.get(path), path);
    deepStrictEqual(
      [...shelf.files.keys()].filter((path) => path.startsWith('flows/') && !all.has(path)),
      [],
    );
  });

  it('brings the interfaces of what is taken, proposed, and no others', () => {
    const entriesOf = (text = ''): Entries => loadInterfaces(join(root, 'definitions'), text);
    const shipped = entriesOf(shelf.files.get(registerPath));
    const all = entriesOf(take(shelf, shelf.items.keys(), known.facts).get(registerPath));
    deepStrictEqual([...all.keys()], [...shipped.keys()]);
    const crm = entriesOf(take(shelf, ['crm'], known.facts).get(registerPath));
    deepStrictEqual(
      [...crm].map(([id, { state, approved }]) => [id, state, approved]),
      ['event/customer.changed.v1', 'api/crm', 'api/odoo'].map((id) => [id, 'proposed', undefined]),
    );
  });

  it('is asked for in any letters', () => {
    deepStrictEqual(withNeeds(shelf, ['Stripe', 'SHOPIFY']), withNeeds(shelf, ['stripe', 'shopify']));
  });

  it('goes into a hub whose package has a name that npm takes', () => {
    const names = ['My Hub ä', '.Größe & Söhne!', '株式会社', 'crossdock', 'node_modules', 'a'.repeat(300)];
    deepStrictEqual(
      names.map((name) => packageName(`/x/${name}`)),
      ['my-hub-a', 'grosse-sohne', 'my-hub', 'my-hub', 'my-hub', 'a'.repeat(200)],
    );
  });

  it('is made by a checkout into a hub that runs it, in a folder of any name', () => {
    const home = join(dir, "Ann's hub");
    const told = spawnSync(process.execPath, [join(root, 'cli/crossdock.js'), 'init', "Ann's hub"], {
      cwd: dir,
      encoding: 'utf8',
    });
    ok(told.stdout.includes("Next: cd 'Ann'\\''s hub'; npm install; "), told.stdout + told.stderr);
    const made = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
      name: string;
      dependencies: { crossdock: string };
    };
    strictEqual(made.name, 'ann-s-hub');
    strictEqual(resolve(home, made.dependencies.crossdock.replace('file:', '')), root);
  });

  it('has nothing for lint to find in any item by itself', () => {
    for (const name of shelf.items.keys()) {
      const files = take(shelf, [name], known.facts);
      const here = join(dir, name);
      for (const kind of ['events', 'values', 'policies', 'partners'])
        mkdirSync(join(here, 'definitions', kind), { recursive: true });
      for (const [path, text] of files) {
        mkdirSync(dirname(join(here, path)), { recursive: true });
        writeFileSync(join(here, path), text);
      }
      const environment = {
        environment: 'dev',
        summary: 'x',
        secrets: [
          ...new Set(
            [...files.values()].flatMap((text) =>
              [...text.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, one = '']) => one),
            ),
          ),
        ],
      };
      const project = openProject(join(here, 'definitions'), types, {}, environment);
      const found = lintFlows(flowFilesOf(files), known.facts.outputsOf, project);
      deepStrictEqual(
        found.filter(({ severity }) => severity === 'error'),
        [],
        name,
      );
    }
  }).timeout(180_000);

  it('is not taken over a file of the hub, nor from a base that was changed', async () => {
    const where = { flowsDir: join(dir, 'hub/flows'), definitionsDir: join(dir, 'hub/definitions') };
    mkdirSync(where.flowsDir, { recursive: true });
    mkdirSync(join(where.definitionsDir, 'partners'), { recursive: true });
    const own = join(where.definitionsDir, 'partners/woocommerce.yaml');
    writeFileSync(own, 'partner: woocommerce\nowner: me\nsummary: Mine.\n');
    const plan = await planAdd(shelf, where, ['woocommerce'], known.facts);
    deepStrictEqual(
      plan.conflicts.map(({ path, here }) => [path, here]),
      [['definitions/partners/woocommerce.yaml', 'a file of your own']],
    );
    await carryOut(shelf, where, plan, known.titleOf);
    ok(readFileSync(own, 'utf8').includes('Mine.'));
    ok((await readFileSet(where.flowsDir, where.definitionsDir)).has('flows/order-to-odoo.yaml'));
    strictEqual((await planUpgrade(shelf, where, known.facts)).writes.size, 0);
    await rejects(planAdd({ ...shelf, version: '9.9.9' }, where, ['amazon'], known.facts), {
      code: 'HUB_UPGRADE_FIRST',
    });
    await rejects(planAdd(shelf, where, ['nothing'], known.facts), { code: 'CATALOGUE_UNKNOWN' });
    writeFileSync(join(dir, 'hub/.crossdock-base/flows/order-to-odoo.yaml'), 'flow: x\n');
    await rejects(planUpgrade(shelf, where, known.facts), { code: 'HUB_BASE_LOST' });
  });
});
