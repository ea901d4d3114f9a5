/** A person, in every place where the journal may hold one. */
import type { Envelope } from '../../runtime/envelope/envelope.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import { order } from '../conformance/kit.ts';
import { issueRow, letter, step, untold } from '../conformance/rows.ts';

export const person = {
  name: 'Ottoline Quimby',
  email: 'ottoline.quimby@example.org',
  phone: '+49 171 5550199',
  street: 'Zwetschgenweg 17b',
};
const time = '2026-03-01T10:00:00.000Z';
const said = `for ${Object.values(person).join(', ')}`;

export const traces = Object.values(person);
export const tracesIn = (text: string): string[] => traces.filter((trace) => text.includes(trace));

export function messageOf(n: number): Envelope {
  return { ...order('order.received.v1', `SO-${n}`, n), data: { number: `SO-${n}`, customer: person } };
}

/** `n` of each. */
export async function fill(journal: Journal, n = 3): Promise<void> {
  for (let at = 0; at < n; at += 1) {
    const message = messageOf(at);
    await journal.append([
      step({ correlationId: `c${at}`, businessKey: `SO-${at}`, outcome: 'accepted', message }),
      step({
        correlationId: `c${at}`,
        businessKey: `SO-${at}`,
        outcome: 'landed',
        detail: said,
        names: [
          { kind: 'order', value: `SO-${at}` },
          { kind: 'customer', value: person.email },
        ],
      }),
    ]);
    await journal.saveDeadLetter(
      letter({
        id: `l${at}`,
        message,
        reason: said,
        firstReason: said,
        facts: { value: person.street },
        decision: { time, by: 'eve', reason: said },
        history: [{ time, code: 'X', detail: said, flowVersion: '1' }],
      }),
    );
    await journal.documents.put('order-said', `shop/${at}`, JSON.stringify(person));
    await journal.processes.add({
      ...untold,
      process: 'order-to-cash',
      key: `shop/${at}`,
      number: `SO-${at}`,
      state: 'running',
      due: null,
      attention: 1,
      asks: JSON.stringify([{ why: said }]),
      body: JSON.stringify({ facts: person }),
    });
    await journal.issues.add(
      issueRow({
        id: `i${at}`,
        flow: 'f',
        code: 'X',
        partner: 'shop',
        why: said,
        facts: JSON.stringify(person),
        reason: said,
        note: said,
        first_seen: time,
        changed: time,
      }),
    );
    await journal.issues.tell(`i${at}`, { id: `e${at}`, time, who: 'eve', what: 'note', detail: said });
    await journal.replays.add(
      { id: `p${at}`, state: 'planned', open: 0, body: JSON.stringify({ reason: said }), revision: 1 },
      [],
    );
  }
}

/** What there is to read, as it is read: the same whatever it is sealed with. */
export async function told(journal: Journal): Promise<unknown> {
  const { db } = journal.upkeep;
  return {
    steps: await journal.trace({ businessKey: 'SO-1' }),
    kept: await journal.kept('c1'),
    letters: (await journal.letters({ ids: ['l0', 'l1', 'l2'] })).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    documents: await journal.documents.list('order-said'),
    processes: await journal.processes.called('SO-1'),
    issue: await journal.issues.rows(['i0', 'i1']),
    events: await journal.issues.events('i1'),
    plan: await journal.replays.get('p1'),
    names: await db.selectFrom('alias').select(['kind', 'value']).orderBy('kind').orderBy('key').execute(),
  };
}
