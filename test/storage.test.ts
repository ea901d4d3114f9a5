/** Node-RED's storage: what is saved is what the next start reads, and nothing is written over what was not read. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { FlowNode } from '../runtime/flow-file/format.ts';
import { createLog } from '../runtime/log/log.ts';
import { createStorage, type StorageOptions } from '../runtime/node-red/storage.ts';

const log = createLog({ level: 'silent' });
const outputsOf = (type: string) => (type === 'webhook-in' ? ['out'] : undefined);

describe('storage', () => {
  let dir: string;
  let flowsDir: string;
  let dataDir: string;
  const open = (options: Partial<StorageOptions> = {}) =>
    createStorage({ flowsDir: () => flowsDir, dataDir, outputsOf, log, ...options });
  const file = (path: string) => readFileSync(join(flowsDir, path), 'utf8');
  const put = (path: string, text: string) => {
    mkdirSync(join(flowsDir, 'subflows'), { recursive: true });
    writeFileSync(join(flowsDir, path), text);
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-storage-'));
    flowsDir = join(dir, 'flows');
    dataDir = join(dir, 'data');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('is a plain object with the functions Node-RED looks for', () => {
    const names = 'Flows Credentials Settings Sessions LibraryEntry'.split(' ');
    const expected = ['init', ...names.flatMap((name) => [`get${name}`, `save${name}`])];
    assert.deepEqual(Object.keys(open()).toSorted(), expected.toSorted());
  });

  it('an absent folder holds no flows, and the first save makes it', async () => {
    const storage = open();
    assert.deepEqual(await storage.getFlows(), []);
    await storage.saveFlows(flows());
    assert.deepEqual(readdirSync(flowsDir).toSorted(), [
      'alpha.yaml',
      'connections.yaml',
      'subflows',
      'zulu.yaml',
    ]);
    assert.deepEqual(readdirSync(join(flowsDir, 'subflows')), ['notify.yaml']);
  });

  it('leaves the array as the next start reads it, key by key, so that the rev agrees', async () => {
    const storage = open();
    await storage.getFlows();
    const saved = flows();
    await storage.saveFlows(saved);
    assert.notEqual(JSON.stringify(saved), JSON.stringify(flows()), 'the order is that of the files');
    assert.equal(JSON.stringify(await open().getFlows()), JSON.stringify(saved));
    assert.deepEqual(byId(saved), byId(flows()));

    const before = file('alpha.yaml');
    const inode = statSync(join(flowsDir, 'alpha.yaml')).ino;
    await storage.saveFlows(saved);
    assert.equal(JSON.stringify(await open().getFlows()), JSON.stringify(saved));
    assert.equal(file('alpha.yaml'), before);
    assert.equal(statSync(join(flowsDir, 'alpha.yaml')).ino, inode, 'what says the same is not written');
  });

  it('reads flows and subflows, not the tests beside them nor what a crash left', async () => {
    put('a.yaml', 'flow: A\n');
    put('a.test.yaml', 'no: flow\n');
    put('b.yaml.new', 'flow: B\n');
    put('subflows/s.yaml', 'subflow: S\n');
    const read = await open().getFlows();
    assert.deepEqual(
      read.map(({ label, name }) => label ?? name),
      ['A', 'S'],
    );
  });

  it('deletes the file of a removed flow and leaves its test', async () => {
    const storage = open();
    await storage.getFlows();
    await storage.saveFlows(flows());
    put('zulu.test.yaml', 'anything');
    await storage.saveFlows(flows().filter(({ id, z }) => id !== 'zulu' && z !== 'zulu'));
    assert.deepEqual(readdirSync(flowsDir).toSorted(), [
      'alpha.yaml',
      'connections.yaml',
      'subflows',
      'zulu.test.yaml',
    ]);
  });

  it('moves a renamed flow to a file of its new name, comments with it', async () => {
    put('old-name.yaml', '# Ask Jo before changing this\nflow: Old name\nversion: 1.0.0\n');
    const storage = open();
    const read = await storage.getFlows();
    await storage.saveFlows(read.map((node) => ({ ...node, label: 'New name' })));
    assert.deepEqual(
      readdirSync(flowsDir).filter((name) => name.endsWith('.yaml')),
      ['new-name.yaml'],
    );
    assert.match(file('new-name.yaml'), /^# Ask Jo before changing this\nflow: New name\n/);
  });

  it('refuses to save flows and credentials over files it could not read, until they are read', async () => {
    put('a.yaml', 'flow: A\n');
    put('b.yaml', 'flow: B\nnodes:\n  x:\n    type: debug\n    to: nowhere\n');
    const storage = open();
    await assert.rejects(storage.saveFlows(flows()), { code: 'FLOWS_NOT_LOADED' });
    await assert.rejects(storage.getFlows(), {
      code: 'FLOW_FILE_INVALID',
      facts: { file: 'b.yaml', line: 5 },
    });
    await assert.rejects(storage.saveFlows([]), { code: 'FLOWS_NOT_LOADED' });
    await assert.rejects(storage.saveCredentials({ $: 'x' }), { code: 'FLOWS_NOT_LOADED' });
    assert.equal(file('a.yaml'), 'flow: A\n');

    put('b.yaml', 'flow: B\n');
    const read = await storage.getFlows();
    await storage.saveFlows(read);
    put('b.yaml', 'flow: [\n');
    await assert.rejects(storage.getFlows(), { code: 'FLOW_FILE_INVALID' });
    await assert.rejects(storage.saveFlows(read), { code: 'FLOWS_NOT_LOADED' });
  });

  it('does not undo what was changed on the disk meanwhile; a new comment is no change', async () => {
    put('a.yaml', 'flow: A\nsummary: one\n');
    const storage = open();
    const read = await storage.getFlows();
    put('a.yaml', '# noted\nflow: A\nsummary: one\n');
    await storage.saveFlows(read.map((node) => ({ ...node, info: 'two' })));
    assert.equal(file('a.yaml'), '# noted\nflow: A\nsummary: two\n');

    put('a.yaml', '# noted\nflow: A\nsummary: three\n');
    const changed = { code: 'FLOW_FILES_CHANGED', facts: { file: 'a.yaml' } };
    await assert.rejects(storage.saveFlows(read), changed);
    await storage.saveFlows((await storage.getFlows()).map((node) => ({ ...node, info: 'four' })));
    assert.equal(file('a.yaml'), '# noted\nflow: A\nsummary: four\n');
    put('b.yaml', 'flow: B\n');
    await assert.rejects(storage.saveFlows(read), { code: 'FLOW_FILES_CHANGED', facts: { file: 'b.yaml' } });
  });

  it('saves one after the other, each after its own beforeDeploy', async () => {
    const steps: string[] = [];
    const gates: (() => void)[] = [];
    const storage = open({
      beforeDeploy: () =>
        new Promise((resolve) => {
          steps.push(`drain ${steps.length}`);
          gates.push(resolve);
        }),
    });
    const loading = storage.getFlows();
    await until(() => gates.length === 1);
    gates.shift()?.();
    await loading;
    steps.length = 0;
    const first = storage.saveFlows([tab('one', 'One')]).then(() => steps.push('first saved'));
    const second = storage.saveFlows([tab('two', 'Two')]).then(() => steps.push('second saved'));
    const read = storage.getFlows();
    await until(() => gates.length === 1);
    assert.deepEqual(readdirSync(dir), [], 'nothing is written before beforeDeploy is done');
    gates[0]?.();
    await first;
    await until(() => gates.length === 2);
    assert.deepEqual(readdirSync(flowsDir), ['one.yaml']);
    gates[1]?.();
    await second;
    await until(() => gates.length === 3);
    gates[2]?.();
    assert.deepEqual(readdirSync(flowsDir), ['two.yaml']);
    assert.deepEqual(await read, [tab('two', 'Two')], 'a load waits for the saves before it');
    assert.deepEqual(steps, ['drain 0', 'first saved', 'drain 2', 'second saved', 'drain 4']);
  });

  it('a refused save drains nothing, changes nothing and says so', async () => {
    let drained = 0;
    let failed = 0;
    const storage = open({ beforeDeploy: async () => void drained++, deployFailed: () => void failed++ });
    await storage.getFlows();
    drained = 0;
    await storage.saveFlows([tab('one', 'One')]);
    const twice = [tab('one', 'One'), tab('one', 'Other')];
    await assert.rejects(storage.saveFlows(twice), { code: 'FLOW_FILE_LOSSY' });
    const secret = [{ ...tab('one', 'One'), credentials: { password: 'hunter2' } }];
    await assert.rejects(storage.saveFlows(secret), (error: Error) => !error.message.includes('hunter2'));
    assert.deepEqual({ drained, failed }, { drained: 1, failed: 2 });
    assert.equal(file('one.yaml').includes('hunter2'), false);
    await storage.saveFlows([tab('two', 'Two')]);
    assert.deepEqual(readdirSync(flowsDir), ['two.yaml']);
  });

  it('what check throws is a refused save; a load that fails drains nothing and says so', async () => {
    const happened: string[] = [];
    const storage = open({
      check(flows, files) {
        happened.push([...files.keys()].join());
        if (flows.some(({ label }) => label === 'Bad')) throw new CodedError('FLOW_LINT', 'not this one');
      },
      loaded: (files) => void happened.push(`read ${files.size}`),
      beforeDeploy: async () => void happened.push('drained'),
      deployFailed: () => void happened.push('failed'),
    });
    await storage.getFlows();
    await storage.saveFlows([tab('one', 'One')]);
    await assert.rejects(storage.saveFlows([tab('two', 'Bad')]), { code: 'FLOW_LINT' });
    assert.deepEqual(readdirSync(flowsDir), ['one.yaml']);
    put('one.yaml', 'flow: [\n');
    await assert.rejects(storage.getFlows());
    assert.deepEqual(happened, ['read 0', 'drained', 'one.yaml', 'drained', 'bad.yaml', 'failed', 'failed']);
    put('one.yaml', 'flow: One\n');
    await storage.getFlows();
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'credentials.json'), '{');
    await assert.rejects(storage.getCredentials());
    assert.deepEqual(happened.slice(-3), ['read 1', 'drained', 'failed']);
  });

  it('a save that cannot write leaves the old files and no rests', async () => {
    const storage = open();
    await storage.getFlows();
    await storage.saveFlows([tab('one', 'One')]);
    const before = file('one.yaml');
    mkdirSync(join(flowsDir, 'two.yaml.new'));
    const next = [{ ...tab('one', 'One'), info: 'changed' }, tab('two', 'Two')];
    await assert.rejects(storage.saveFlows(next), { code: 'EISDIR' });
    assert.equal(file('one.yaml'), before);
    rmSync(join(flowsDir, 'two.yaml.new'), { recursive: true });
    assert.deepEqual(readdirSync(flowsDir), ['one.yaml']);
    await storage.saveFlows(next);
    assert.deepEqual(readdirSync(flowsDir).toSorted(), ['one.yaml', 'two.yaml']);
  });

  it('keeps credentials, settings and sessions as files only the owner can read', async () => {
    const storage = open();
    await storage.getFlows();
    assert.deepEqual(await storage.getCredentials(), {});
    assert.deepEqual(await storage.getSettings(), {});
    assert.deepEqual(await storage.getSessions(), {});
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'credentials.json.new'), 'rest of a crash', { mode: 0o644 });
    await storage.saveCredentials({ $: 'encrypted' });
    await storage.saveSettings({ users: { admin: {} } });
    const many = Array.from({ length: 20 }, (_, at) => storage.saveSessions({ at }));
    await Promise.all(many);
    const again = open();
    assert.deepEqual(await again.getCredentials(), { $: 'encrypted' });
    assert.deepEqual(await again.getSettings(), { users: { admin: {} } });
    assert.deepEqual(await again.getSessions(), { at: 19 });
    assert.deepEqual(readdirSync(dataDir).toSorted(), ['credentials.json', 'sessions.json', 'settings.json']);
    for (const name of readdirSync(dataDir)) assert.equal(statSync(join(dataDir, name)).mode & 0o777, 0o600);
  });

  it('a broken file of the data directory stops the start and is not quoted', async () => {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'credentials.json'), '{"$":"c2VjcmV0');
    await assert.rejects(
      open().getCredentials(),
      (error: Error & { code: string }) =>
        error.code === 'CONFIG_INVALID' && /credentials\.json/.test(error.message) && !error.cause,
    );
  });
});

function tab(id: string, label: string): FlowNode {
  return { id, type: 'tab', label, disabled: false, info: '' };
}

/** In the order the editor has them, which is not that of the files. */
function flows(): FlowNode[] {
  return [
    tab('zulu', 'Zulu'),
    tab('alpha', 'Alpha'),
    { id: 'sub', type: 'subflow', name: 'Notify', info: '', in: [], out: [] },
    { id: 'c1', type: 'mqtt-broker', name: 'Yard', port: '1883' },
    { id: 'z1', type: 'subflow:sub', z: 'zulu', name: '', x: 300, y: 80, wires: [] },
    { id: 'a2', type: 'debug', z: 'alpha', name: 'seen', x: 300, y: 80, wires: [] },
    { id: 'a1', type: 'webhook-in', z: 'alpha', name: 'orders', path: '/o', x: 100, y: 80, wires: [['a2']] },
  ];
}

function byId(nodes: readonly FlowNode[]): Map<string, FlowNode> {
  return new Map(nodes.map((node) => [node.id, node]));
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 2));
}
