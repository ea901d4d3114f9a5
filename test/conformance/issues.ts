/** Issues, wherever the journal is kept: what they hold, what people decide about them, and how they end. */
import assert from 'node:assert/strict';
import { envelope } from '../../runtime/envelope/envelope.ts';
import type { CodedError, Facts } from '../../runtime/errors/coded-error.ts';
import type { Code } from '../../runtime/errors/codes.ts';
import type { DeadLetter, Journal } from '../../runtime/journal/journal.ts';
import { loadOwnership } from '../../runtime/ownership/ownership.ts';
import type { Asking } from '../../runtime/process/state.ts';
import { openBreaks } from '../../runtime/reconcile/open-breaks.ts';
import { actOn, issueNamed, rowOf, type Act, type Acting } from '../../runtime/tower/issue-actions.ts';
import { keepIssues } from '../../runtime/tower/issue-keeping.ts';
import { listIssues } from '../../runtime/tower/issue-list.ts';
import { liveIssues, told, type Issue } from '../../runtime/tower/issues.ts';
import { coded } from './kit.ts';
import { letter, untold } from './rows.ts';

const start = new Date('2026-03-01T10:00:00.000Z');
export const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000);

export interface Fault {
  flow: string;
  code: Code;
  reason: string;
  facts?: Facts;
}

/** A letter of order `n` of this partner. */
export function letterOf(n: number, partner: string, { flow, code, reason, facts = {} }: Fault): DeadLetter {
  const number = `${partner.slice(0, 2).toUpperCase()}-${1000 + n}`;
  const data = { source: partner, id: `${n}`, number, currency: 'EUR', totals: { gross: `${n}.10` } };
  const known = { type: 'order.received.v1', source: partner, subject: number, flow, flowversion: '1' };
  const time = later(-n).toISOString();
  return letter({
    id: `${flow}/${partner}/${n}`,
    queue: flow,
    flow,
    message: envelope({ ...known, id: `${n}`, data }),
    code,
    reason,
    facts,
    firstFailed: time,
    lastFailed: time,
  });
}

export const unmapped = (map: string, value: string): Fault => ({
  flow: 'order-capture',
  code: 'VALUE_UNMAPPED',
  reason: `The value map ${map} has no entry for '${value}'`,
  facts: { map, value, source: 'acme' },
});

/** `open` opens one more instance on the same empty storage; `run` a statement there. */
export function issuesConformance(
  title: string,
  open: () => Promise<Journal>,
  run: (sql: string) => Promise<void>,
): void {
  describe(`issues: ${title}`, () => {
    let journal: Journal;
    beforeEach(async () => {
      journal = await open();
    });
    afterEach(() => journal.close());

    const ownership = loadOwnership('definitions');
    const acting = (): Acting => ({
      queue: {
        issues: journal.issues,
        breaks: () => openBreaks(journal.documents),
        ownership,
        tiers: new Map(),
      },
      write: journal.issues,
    });
    const live = (now = later(1)) => liveIssues(acting().queue, now);

    it('says how many orders and how much money wait, each order once, by currency', async () => {
      const fault = unmapped('tax', 'GST 7%');
      for (const n of [1, 2, 3]) await journal.saveDeadLetter(letterOf(n, 'acme', fault));
      const twice = letterOf(3, 'acme', fault);
      await journal.saveDeadLetter({ ...twice, id: 'again' });
      const other = letterOf(4, 'acme', fault);
      const data = { ...(other.message.data as object), currency: 'USD', totals: { gross: '0.30' } };
      await journal.saveDeadLetter({ ...other, message: { ...other.message, data } });
      const raw = letterOf(5, 'acme', fault);
      await journal.saveDeadLetter({ ...raw, message: { ...raw.message, data: { source: 'acme' } } });
      const [issue] = await told(acting().queue, await live());
      assert.deepEqual(issue?.money, [
        { currency: 'EUR', amount: '6.3' },
        { currency: 'USD', amount: '0.3' },
      ]);
      assert.deepEqual(
        [issue.count, issue.orders, issue.unpriced, issue.oldest, issue.why],
        [6, 5, 1, later(-5).toISOString(), fault.reason],
      );
    });

    it('of everybody counts the orders of two partners with the same number as two', async () => {
      const away: Fault = { flow: 'order-to-odoo', code: 'ODOO_UNREACHABLE', reason: 'Odoo is away' };
      for (const partner of ['acme', 'acorn']) await journal.saveDeadLetter(letterOf(1, partner, away));
      await journal.saveDeadLetter({ ...letterOf(1, 'acme', { ...away, flow: 'tracking-to-odoo' }) });
      const [issue, ...others] = await live();
      assert.deepEqual(
        [issue?.count, issue?.orders, issue?.money, others.length],
        [3, 2, [{ currency: 'EUR', amount: '2.2' }], 0],
      );
    });

    it('that are resolved come in pages, each once, the last resolved first', async () => {
      const at = (n: number) => later(n).toISOString();
      await journal.saveDeadLetter(letterOf(1, 'acme', unmapped('tax', 'GST')));
      const row = rowOf((await live())[0]!, later(1));
      for (let n = 0; n < 230; n += 1)
        await journal.issues.add({
          ...row,
          id: `r${n}`,
          state: 'resolved',
          first_seen: at(-n * 7),
          changed: at(n),
        });
      const asked = { state: 'resolved' } as const;
      const first = await listIssues(acting().queue, asked, later(500));
      const second = await listIssues(acting().queue, { ...asked, after: first.next! }, later(500));
      const ids = [...first.rows, ...second.rows].map(({ id }) => id);
      assert.deepEqual(
        ids,
        Array.from({ length: 230 }, (_, n) => `r${229 - n}`),
      );
      assert.equal(second.next, undefined);
    });

    describe('issues of processes', () => {
      const row = {
        process: 'order-to-cash',
        state: 'running' as const,
        due: null,
        attention: 1 as const,
        body: '{}',
        ...untold,
        updated: later(-7).toISOString(),
      };
      const add = async (number: string, partner: string, asks: readonly Partial<Asking>[]) => {
        const own = { key: `shop/${number}`, number, partner, amount: '10.10', currency: 'EUR' };
        await journal.processes.add({ ...row, ...own, asks: JSON.stringify(asks) });
      };
      const late = {
        to: 'warehouse',
        why: 'shipment is late',
        step: 'shipment',
        is: 'STEP_LATE',
        at: later(-5).toISOString(),
      } as const;
      const held = {
        to: 'finance',
        why: 'order.held.v1',
        step: 'hold',
        is: 'PROCESS_HELD',
        at: later(-9).toISOString(),
      } as const;

      it('are what is asked of whom, by step and partner; a process can ask twice', async () => {
        await add('1', 'acme', [late]);
        await add('2', 'acme', [late, held]);
        await add('3', 'shopify', [late]);
        const issues = (await live()).toSorted((a, b) => (a.code + a.partner < b.code + b.partner ? -1 : 1));
        assert.deepEqual(
          issues.map(({ code, partner, team, asked, count, money, of }) => [
            code,
            partner,
            team,
            asked,
            count,
            money,
            of,
          ]),
          [
            [
              'PROCESS_HELD',
              'acme',
              'finance',
              'finance',
              1,
              [{ currency: 'EUR', amount: '10.1' }],
              'processes',
            ],
            [
              'STEP_LATE',
              'acme',
              'warehouse',
              'warehouse',
              2,
              [{ currency: 'EUR', amount: '20.2' }],
              'processes',
            ],
            [
              'STEP_LATE',
              'shopify',
              'warehouse',
              'warehouse',
              1,
              [{ currency: 'EUR', amount: '10.1' }],
              'processes',
            ],
          ],
        );
      });

      it('of instances from before, which say only in words what they ask, are the same', async () => {
        const old = ({ to, why, step }: Partial<Asking>) => ({ to, why, step }) as Partial<Asking>;
        await add('1', 'acme', [late]);
        await add('2', 'acme', [
          old(late),
          old(held),
          { to: 'order-desk', why: 'order failed with ODOO_REFUSED', step: 'order' },
        ]);
        const found = (await live()).map(({ code, count }) => `${code} ${count}`).toSorted();
        assert.deepEqual(found, ['PROCESS_HELD 1', 'STEP_FAILED 1', 'STEP_LATE 2']);
      });

      it('are resolved when no process asks any more', async () => {
        await add('1', 'acme', [late]);
        await keepIssues(acting(), later(1));
        const [issue] = await live();
        const kept = await journal.processes.get('order-to-cash', 'shop/1');
        await journal.processes.replace({ ...kept!, attention: 0, asks: null });
        await keepIssues(acting(), later(2));
        assert.equal((await issueNamed(acting().queue, issue!.id, later(3))).state, 'resolved');
      });
    });

    describe('decisions about an issue', () => {
      const fault: Fault = {
        flow: 'order-capture',
        code: 'KEY_MISSING',
        reason: 'no text',
        facts: { setting: 'key' },
      };
      let issue: Issue;
      beforeEach(async () => {
        await journal.saveDeadLetter(letterOf(1, 'acme', fault));
        [issue] = (await live()) as [Issue];
      });
      const act = (does: Act, { by = 'ann', at = later(1), revision = issue.revision } = {}) =>
        actOn(acting(), { id: issue.id, revision, by }, does, at);
      const look = async (at = later(2)) => (issue = await issueNamed(acting().queue, issue.id, at));
      const keep = (at: Date) => keepIssues(acting(), at);
      const history = async () =>
        (await journal.issues.events(issue.id)).toReversed().map(({ who, what }) => `${who} ${what}`);

      it('goes from open to acknowledged and waiting, with a history', async () => {
        assert.deepEqual([issue.state, issue.team, issue.revision], ['open', 'it', 0]);
        await act({ do: 'acknowledge' });
        assert.deepEqual([(await look()).state, issue.person], ['acknowledged', 'ann']);
        await act({ do: 'assign', person: 'bob', team: 'finance' });
        assert.deepEqual(
          [(await look()).team, issue.person, issue.state],
          ['finance', 'bob', 'acknowledged'],
        );
        const until = later(60).toISOString();
        await act({ do: 'wait', on: 'Acme', until });
        assert.deepEqual(
          [(await look()).state, issue.waitsOn, issue.due, issue.late],
          ['waiting', 'Acme', until, false],
        );
        await act({ do: 'note', text: 'They call back' });
        assert.equal((await look()).note, 'They call back');
        assert.deepEqual(await history(), ['ann acknowledge', 'ann assign', 'ann wait', 'ann note']);
      });

      it('keeps what people write without zero bytes, which no store can hold', async () => {
        await act({ do: 'note', text: 'a\0b' });
        assert.equal((await look()).note, 'ab');
        await act({ do: 'assign', person: 'bo\0b' });
        assert.equal((await look()).person, 'bob');
        await act({ do: 'wait', on: 'Ac\0me', until: later(60).toISOString() });
        assert.equal((await look()).waitsOn, 'Acme');
        const [last] = await journal.issues.events(issue.id);
        assert.match(last?.detail ?? '', /^Acme, /);
      });

      it('waiting and being muted end by themselves; muting needs a reason and an end', async () => {
        await act({ do: 'wait', on: 'Acme', until: later(60).toISOString() });
        await keep(later(59));
        assert.equal((await look(later(59))).state, 'waiting');
        assert.equal((await look(later(61))).state, 'acknowledged');
        await keep(later(61));
        await look(later(61));
        for (const wrong of [
          { reason: ' ', until: later(200).toISOString() },
          { reason: 'known', until: later(61).toISOString() },
          { reason: 'known', until: 'soon' },
          { reason: 'known', until: later(200 * 24 * 60).toISOString() },
        ])
          await assert.rejects(act({ do: 'mute', ...wrong }, { at: later(62) }), coded('REQUEST_INVALID'));
        await act(
          { do: 'mute', reason: 'a known defect', until: later(100).toISOString() },
          { at: later(62) },
        );
        assert.equal((await look(later(99))).state, 'muted');
        await keep(later(101));
        assert.deepEqual([(await look(later(101))).state, issue.until], ['open', undefined]);
        assert.deepEqual(await history(), [
          'ann wait',
          'crossdock waiting ended',
          'ann mute',
          'crossdock mute ended',
        ]);
      });

      it('is resolved when all landed or were discarded, and open again when something fails anew', async () => {
        await act({ do: 'acknowledge' });
        await journal.saveDeadLetter(letterOf(2, 'acme', fault));
        await journal.move('order-capture/acme/1', ['open'], 'discarded');
        await journal.move('order-capture/acme/2', ['open'], 'replayed');
        await keep(later(2));
        // What was sent again has not landed yet.
        assert.deepEqual([(await look()).state, issue.count, issue.running], ['acknowledged', 0, 1]);
        await journal.settled('order-capture/acme/2', 'the replay');
        await keep(later(3));
        assert.deepEqual([(await look()).state, (await live()).length], ['resolved', 0]);
        await assert.rejects(act({ do: 'acknowledge' }), coded('ISSUE_CHANGED'));
        await journal.saveDeadLetter(letterOf(2, 'acme', fault));
        assert.equal((await look()).state, 'open');
        await keep(later(4));
        assert.deepEqual(await history(), ['ann acknowledge', 'crossdock resolved', 'crossdock reopened']);
      });

      it('none is made by what was parked and goes on by itself', async () => {
        const parked = letterOf(5, 'shopify', { ...fault, code: 'PREDECESSOR_MISSING' });
        await journal.saveDeadLetter({ ...parked, state: 'parked', waitsFor: 'order/5' });
        await keep(later(2));
        await journal.move(parked.id, ['parked'], 'replayed');
        await keep(later(3));
        assert.deepEqual(
          (await live()).map(({ id }) => id),
          [issue.id],
        );
      });

      it('of two at once the second is told what the first did', async () => {
        await act({ do: 'assign', person: 'bob' });
        await assert.rejects(act({ do: 'assign', person: 'cem' }, { by: 'dora' }), (error: CodedError) => {
          assert.equal(error.code, 'ISSUE_CHANGED');
          assert.match(error.message, /ann: assign \(bob\)/);
          return true;
        });
        await look();
        const both = await Promise.allSettled([
          act({ do: 'acknowledge' }, { by: 'ann' }),
          act({ do: 'acknowledge' }, { by: 'dora' }),
        ]);
        assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
      });

      it('refuses an issue and a team that are not there', async () => {
        await assert.rejects(
          actOn(acting(), { id: 'none', revision: 0, by: 'ann' }, { do: 'acknowledge' }, later(1)),
          coded('ISSUE_UNKNOWN'),
        );
        await assert.rejects(act({ do: 'assign', team: 'nobody' }), coded('REQUEST_INVALID'));
      });

      it('gives letters from before there were issues theirs', async () => {
        await run("UPDATE dead_letter SET issue = '', subject = '', partner = ''");
        await keep(later(2));
        assert.deepEqual([(await live())[0]?.id, (await live())[0]?.partner], [issue.id, 'acme']);
      });
    });
  });
}
