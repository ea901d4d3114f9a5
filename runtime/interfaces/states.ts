/** How an interface may come from one state to the next, and what each state must say. No I/O. */
import { reached, states, type Entries, type Entry, type State } from './file.ts';

export interface Problem {
  code: string;
  severity: 'error' | 'warning';
  message: string;
}

/** What belongs to a state, and stays in the entry afterwards. */
const marks = [
  ['approved', 'approved'],
  ['deprecated', 'deprecated'],
  ['sunset', 'deprecated'],
  ['told', 'deprecated'],
  ['retired', 'retired'],
] as const satisfies readonly (readonly [keyof Entry, State])[];

export function stateProblems(entry: Entry): Problem[] {
  const { state, approved, deprecated, sunset, told, retired } = entry;
  const error = (code: string, message: string): Problem => ({ code, severity: 'error', message });
  const later = marks.find(([mark, of]) => entry[mark] !== undefined && !reached(state, of));
  const days = [approved?.on, deprecated, sunset].filter((one) => one !== undefined);
  const inOrder = days.every((one, at) => at === 0 || days[at - 1]! <= one);
  const retiredEarly = retired !== undefined && deprecated !== undefined && retired < deprecated;
  return [
    ...(later
      ? [
          error(
            'INTERFACE_STATE_BACK',
            `is ${state} and says "${later[0]}", so it was ${later[1]} before: no interface goes back.`,
          ),
        ]
      : []),
    ...(inOrder && !retiredEarly
      ? []
      : [error('INTERFACE_STATE_BACK', 'says days that are not in the order of its states.')]),
    ...(reached(state, 'approved') && !approved
      ? [error('INTERFACE_APPROVER_MISSING', `is ${state} and does not say who approved it, and when.`)]
      : []),
    ...(state === 'deprecated' && (!deprecated || !sunset)
      ? [
          error(
            'INTERFACE_SUNSET_MISSING',
            `is deprecated and does not say ${deprecated ? 'its sunset: the last day' : 'since when'}.`,
          ),
        ]
      : []),
    ...(state === 'retired' && !retired
      ? [error('INTERFACE_SUNSET_MISSING', 'is retired and does not say since when.')]
      : []),
    ...(state === 'deprecated' && !told
      ? [
          {
            code: 'INTERFACE_UNTOLD',
            severity: 'warning' as const,
            message: 'is deprecated and does not say when its consumers were told.',
          },
        ]
      : []),
  ];
}

export function wentBack(before: Entries, now: Entries): { id: string; was: State; is: State }[] {
  return [...before].flatMap(([id, { state: was }]) => {
    const is = now.get(id)?.state;
    return is !== undefined && states.indexOf(is) < states.indexOf(was) ? [{ id, was, is }] : [];
  });
}
