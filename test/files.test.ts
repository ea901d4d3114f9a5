/** Files of definitions and flows that are saved in the workspace: all or none, nobody's change lost, nothing outside their folders. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { lintFlows } from '../runtime/lint/lint.ts';
import {
  checkFiles,
  listFiles,
  readFile,
  saveFiles,
  textWith,
  type Workbench,
} from '../runtime/workspace/files.ts';
import { outputsOf, project } from './lint/project.ts';

const uom = 'definitions/values/uom.yaml';

describe('files of the workspace', function () {
  this.timeout(180_000);
  let dir = '';
  let take = async (): Promise<void> => {};
  let authored = true;
  const noted: unknown[] = [];
  const at = (path: string): string => join(dir, path);
  const text = (path: string): string => readFileSync(at(path), 'utf8');
  let bench: Workbench;
  const changed = async (path: string, change: (text: string) => string) => {
    const { text: was, revision } = await readFile(bench, path);
    return { path, text: change(was), revision };
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-files-'));
    for (const part of ['flows', 'definitions']) cpSync(part, at(part), { recursive: true });
    const own = { flowsDir: at('flows'), definitionsDir: at('definitions') };
    take = async () => {};
    authored = true;
    noted.length = 0;
    bench = {
      own,
      now: () => own,
      authored: () => authored,
      take: () => take(),
      findings: (files, definitions = own.definitionsDir) =>
        lintFlows(files, outputsOf, project({}, definitions)),
      noted: async (paths, by) => void noted.push(paths, by),
    };
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('are listed, and read with their revision and what they say', async () => {
    const values = await listFiles(bench, 'definitions/values');
    assert.ok(values.includes(uom) && values.every((path) => path.startsWith('definitions/values/')));
    const file = await readFile(bench, uom);
    assert.equal(file.text, text(uom));
    assert.equal((file.value as { map: string }).map, 'uom');
    assert.match(file.revision, /^[0-9a-f]{64}$/);
    assert.equal((await readFile(bench, 'definitions/values/new.yaml')).revision, '');
  });
  it('are saved with all lines that were not touched, and who did it is noted', async () => {
    const { text: was, revision, value } = await readFile(bench, uom);
    const map = structuredClone(value) as { entries: object[] };
    map.entries.push({ from: 'BX', to: 'Units', factor: '6' });
    await saveFiles(bench, [{ path: uom, text: textWith(uom, was, map), revision }], 'bert');
    assert.equal(text(uom), `${was}  - from: BX\n    to: Units\n    factor: '6'\n`);
    assert.deepEqual(noted, [[uom], 'bert']);
  });
  it('refuse the second of two who changed the same, whose text stays theirs', async () => {
    const one = await changed(uom, (was) => was.replace('LBR', 'LB'));
    const two = await changed(uom, (was) => was.replace('MTR', 'MT'));
    const saves = await Promise.allSettled([one, two].map((change) => saveFiles(bench, [change], 'x')));
    assert.deepEqual(
      saves.map((save) => (save.status === 'rejected' ? (save.reason as CodedError).code : 'saved')),
      ['saved', 'FILE_CHANGED'],
    );
    assert.match(text(uom), /LB\n[^]*MTR/);
  });
  it('are saved together or not at all', async () => {
    const before = [text(uom), text('definitions/limits.yaml')];
    const good = await changed(uom, (was) => was.replace('LBR', 'LB'));
    const bad = await changed('definitions/limits.yaml', (was) =>
      was.replace('requests: 500', 'requests: none'),
    );
    await assert.rejects(saveFiles(bench, [good, bad], 'bert'), {
      code: 'FILE_INVALID',
      message: /^definitions\/limits.yaml:3: requests/,
    });
    take = () => Promise.reject(new CodedError('CONFIG_INVALID', 'The flows do not start'));
    const other = await changed('definitions/limits.yaml', (was) =>
      was.replace('requests: 500', 'requests: 600'),
    );
    await assert.rejects(saveFiles(bench, [good, other], 'bert'), { code: 'CONFIG_INVALID' });
    assert.deepEqual([text(uom), text('definitions/limits.yaml')], before);
  });
  it('refuse an error of the linter that was not there before, and only such', async () => {
    const authority = await changed('definitions/authority.yaml', (was) =>
      was.replace('flows: [money-to-odoo]', 'flows: [tax-report]'),
    );
    const { refused } = await checkFiles(bench, [authority]);
    assert.equal(refused[0]?.code, 'AUTHORITY_MISSING');
    await assert.rejects(saveFiles(bench, [authority], 'bert'), { code: 'FLOW_LINT' });
    writeFileSync(at('definitions/authority.yaml'), authority.text);
    take = () => Promise.reject(new CodedError('FLOW_LINT', 'money-to-odoo may not'));
    const saved = await saveFiles(bench, [await changed(uom, (was) => was.replace('LBR', 'LB'))], 'bert');
    assert.equal(saved.waits, 'money-to-odoo may not');
    assert.match(text(uom), /LB\n/);
  });
  it('refuse a schema that breaks what an event promises, as a release does, with the event that promised more', async () => {
    const path = 'definitions/schemas/order-cancellation.v1.json';
    const event = 'definitions/events/order.cancellation.received.v1.yaml';
    const was = text(path);
    const needed = await changed(path, (before) =>
      JSON.stringify({
        ...(JSON.parse(before) as object),
        required: [...(JSON.parse(before) as { required: string[] }).required, 'number'],
      }),
    );
    const lax = await changed(event, (before) => before.replace(/compatibility: \w+/, 'compatibility: none'));
    const { refused } = await checkFiles(bench, [needed, lax]);
    assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(['EVENT_INCOMPATIBLE']));
    assert.ok(refused.some(({ file }) => file === event));
    await assert.rejects(saveFiles(bench, [needed, lax], 'bert'), {
      code: 'FLOW_LINT',
      message: /data\/number is required by who reads/,
    });
    assert.equal(text(path), was);
    await saveFiles(bench, [await changed(path, (before) => before.replace('"title"', '"title" '))], 'bert');
  });
  it('mend a schema that is no JSON', async () => {
    const path = 'definitions/schemas/order-cancellation.v1.json';
    const good = text(path);
    writeFileSync(at(path), '{');
    await saveFiles(bench, [await changed(path, () => good)], 'bert');
    assert.equal(text(path), good);
  });
  it('can be made and taken away', async () => {
    const path = 'definitions/values/size.yaml';
    const size = 'map: size\nowner: master-data\nsummary: Sizes.\nentries: []\n';
    const { files } = await saveFiles(bench, [{ path, text: size, revision: '' }], 'bert');
    assert.equal(text(path), size);
    await saveFiles(bench, [{ path, text: null, revision: files[0]!.revision }], 'bert');
    assert.equal(existsSync(at(path)), false);
  });
  it('lie in their folders: no path and no link leads out', async () => {
    symlinkSync(tmpdir(), at('definitions/values/out'));
    symlinkSync('/etc/passwd', at('definitions/values/passwd.yaml'));
    for (const path of [
      'definitions/../secret.yaml',
      'definitions/values/..%2f/x.yaml',
      'settings.ts',
      'definitions/values/.hidden.yaml',
      'definitions/values/out/x.yaml',
      'definitions/values/passwd.yaml',
      '/etc/x.yaml',
    ])
      await assert.rejects(readFile(bench, path), { code: 'FILE_UNKNOWN' }, path);
  });
  it('are not changed where a release runs', async () => {
    authored = false;
    const change = { path: uom, text: text(uom), revision: '' };
    await assert.rejects(saveFiles(bench, [change], 'bert'), { code: 'RELEASE_RUNNING' });
  });
});
