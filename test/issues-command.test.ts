/** The command issues: the queue at a terminal, and decisions about an issue. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issues } from '../cli/issues.ts';
import { discard } from '../runtime/dead/discard.ts';
import { openJournal, openStores } from '../runtime/stores/profile.ts';
import type { IssueEvent } from '../runtime/journal/tables.ts';
import type { Issue } from '../runtime/tower/issues.ts';
import { coded } from './conformance/kit.ts';
import { letterOf, unmapped } from './conformance/issues.ts';

describe('the command issues', () => {
  const { CROSSDOCK_DATA: before } = process.env;
  let dataDir: string;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'crossdock-issues-'));
    process.env['CROSSDOCK_DATA'] = dataDir;
    const journal = await openJournal({ profile: 'embedded', dataDir, env: {} });
    await journal.saveDeadLetter(letterOf(1, 'acme', unmapped('tax', 'GST 7%')));
    await journal.saveDeadLetter(letterOf(2, 'acme', unmapped('tax', 'GST 7%')));
    await journal.close();
  });
  afterEach(() => {
    if (before === undefined) delete process.env['CROSSDOCK_DATA'];
    else process.env['CROSSDOCK_DATA'] = before;
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function said(...args: string[]): Promise<string> {
    const { write } = process.stdout;
    let out = '';
    process.stdout.write = ((text: string) => (out += text) !== '') as typeof write;
    try {
      await issues(args);
    } finally {
      process.stdout.write = write;
    }
    return out;
  }
  const list = async (...args: string[]) => JSON.parse(await said('list', '--json', ...args)) as Issue[];

  it('lists, by team and state', async () => {
    const text = await said();
    assert.match(
      text,
      /^VALUE_UNMAPPED {2}open, late {2}it {2}due .*\n.*GST 7%.*\n {2}2, 2 orders, 3.2 EUR {2}\S+\n$/,
    );
    assert.equal(await said('--team', 'finance'), 'None\n');
    assert.deepEqual([(await list('--team', 'it')).length, (await list('--state', 'muted')).length], [1, 0]);
    await assert.rejects(said('--state', 'gone'), coded('REQUEST_INVALID'));
    await assert.rejects(said('resolve', 'x'), coded('REQUEST_INVALID'));
  });

  it('shows what helped before', async () => {
    const [{ id }] = (await list()) as [Issue];
    assert.match(await said('show', id), /Nothing is known yet/);
    const stores = await openStores({ profile: 'embedded', dataDir, env: {} });
    await discard(stores, [letterOf(2, 'acme', unmapped('tax', 'GST 7%')).id], {
      by: 'ann',
      reason: 'a test',
    });
    await stores.close();
    const text = await said('show', id);
    assert.match(text, / {4}Given up: a test: 1; the same cause; last \S+ by ann; order-capture\/acme\/2\n/);
    assert.match(text, / {4}Worked = .*Counted here: 1, /);
    const shown = JSON.parse(await said('show', id, '--json')) as { past: { looked: number } };
    assert.equal(shown.past.looked, 1);
  });

  it('decides about one, by name', async () => {
    const [{ id }] = (await list()) as [Issue];
    assert.match(
      await said('assign', id, '--person', 'bob', '--team', 'finance', '--by', 'ann'),
      /finance \/ bob/,
    );
    await said(
      'mute',
      id,
      '--reason',
      'known',
      '--until',
      new Date(Date.now() + 60_000).toISOString(),
      '--by',
      'ann',
    );
    await said('note', id, '--note', 'ask Acme', '--by', 'ann');
    const shown = JSON.parse(await said('show', id, '--json')) as { issue: Issue; events: IssueEvent[] };
    assert.deepEqual([shown.issue.state, shown.issue.note], ['muted', 'ask Acme']);
    assert.deepEqual(
      shown.events.map(({ who, what }) => `${who} ${what}`),
      ['ann note', 'ann mute', 'ann assign'],
    );
    await said('resume', id);
    assert.equal((await list())[0]?.state, 'acknowledged');
    await assert.rejects(said('mute', id, '--reason', 'known', '--until', 'soon'), coded('REQUEST_INVALID'));
    await assert.rejects(said('show', 'none'), coded('ISSUE_UNKNOWN'));
  });
});
