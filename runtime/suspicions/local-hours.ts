/** Hours by the clock on the wall of a time zone: an office opens at eight there, in summer as in winter. */
const HOUR_MS = 3_600_000;

export interface LocalHours {
  /** Of an hour since 1970 in UTC. Where clocks go back two have the same, where they go forward one is missing. */
  localOf(hour: number): number;
  /** The first of them. */
  utcOf(local: number): number;
}

/** In whole hours, of zones with half ones too: an hour is counted where most of it lies. */
export function localHours(timeZone: string): LocalHours {
  const format = new Intl.DateTimeFormat('sv', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const offsets = new Map<number, number>();
  const offsetAt = (hour: number): number => {
    const known = offsets.get(hour);
    if (known !== undefined) return known;
    const wall = Date.parse(`${format.format(hour * HOUR_MS).replace(' ', 'T')}Z`);
    const offset = Math.round(wall / HOUR_MS - hour);
    offsets.set(hour, offset);
    return offset;
  };
  const localOf = (hour: number): number => hour + offsetAt(hour);
  return {
    localOf,
    utcOf(local) {
      const near = local - offsetAt(local);
      // Around a change of clocks the offset may be that of the hour before or after it.
      return [near - 1, near, near + 1].find((hour) => localOf(hour) >= local) ?? near + 1;
    },
  };
}

export const utcHours: LocalHours = { localOf: (hour) => hour, utcOf: (hour) => hour };
