/** Issues of the same cause that somebody let wait: whether they were resolved before the time of waiting was over. */
import type { Kysely } from 'kysely';
import { inPieces } from '../journal/evidence.ts';
import { stored, type Tables } from '../journal/tables.ts';
import type { Issue } from '../tower/issues.ts';
import type { Tried } from './tried.ts';

/** Resolved issues that are looked at. */
const recent = 200;
/** What ends a time of waiting. */
const ends = ['resolved', 'waiting ended', 'resume', 'wait', 'mute', 'acknowledge'];

type LikeLetter = Pick<Tables['dead_letter'], 'issue' | 'flow'>;

export async function waitsOf(
  db: Kysely<Tables>,
  issue: Issue,
  letters: readonly LikeLetter[],
): Promise<Tried[]> {
  const like = await issuesLike(db, issue, letters);
  const events = await inPieces([...like.keys()], (some) =>
    db
      .selectFrom('issue_event')
      .select(['issue', 'id', 'time', 'who', 'what', 'detail'])
      .where('issue', 'in', some)
      .where('what', 'in', ends)
      .execute(),
  );
  return [...Map.groupBy(events, (event) => event.issue)].flatMap(([id, all]) => {
    const inOrder = all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return inOrder.flatMap((event, at): Tried[] => {
      if (event.what !== 'wait') return [];
      const next = inOrder[at + 1]?.what;
      return [
        {
          kind: 'wait',
          near: like.get(id)!,
          // Without its end.
          detail: (event.detail ?? '').replace(/, \d{4}-\d\d-\d\dT[\d:.]+Z$/, ''),
          by: event.who,
          time: event.time,
          came: next === undefined ? 'open' : next === 'resolved' ? 'worked' : 'failed',
          issue: id,
        },
      ];
    });
  });
}

async function issuesLike(
  db: Kysely<Tables>,
  { id, code, flow, step }: Issue,
  letters: readonly LikeLetter[],
): Promise<Map<string, Tried['near']>> {
  const rows = await stored(() =>
    db
      .selectFrom('issue')
      .select(['id', 'code', 'flow', 'step'])
      .where('state', '=', 'resolved')
      .orderBy('changed', 'desc')
      .limit(recent)
      .execute(),
  );
  const same = rows.filter((row) => row.code === code);
  const isHere = (row: { flow: string; step: string }) =>
    flow !== '' && row.flow === flow && row.step === step;
  return new Map<string, Tried['near']>([
    ...letters.map((one) => [one.issue, one.flow === flow ? 'place' : 'code'] as const),
    ...same.map((row) => [row.id, isHere(row) ? 'place' : 'code'] as const),
    [id, 'cause'],
  ]);
}
