/** A picture of the health page, and what it shows in words. */
import type { Pictures } from '../../pictures.ts';
import { html, useMemo, type View } from '../kit/html.ts';
import { Picture, type PictureLine } from './picture.ts';
import { t } from '../kit/text.ts';

/** So many lines can be told apart. */
export const MOST_LINES = 6;

interface DrawnProps<Of> {
  pictures: Pictures | undefined;
  title: string;
  value(value: number): string;
  /** Stays the same while the pictures do. */
  of: readonly Of[];
  line(one: Of): PictureLine;
  top?: number;
  marks?: readonly number[];
}

export function Drawn<Of>({ pictures, title, value, of, line, top, marks }: DrawnProps<Of>): View {
  const lines = useMemo(() => of.map(line), [of]);
  if (!pictures) return null;
  return html`<${Picture}
    title=${title}
    said=${saidOf(lines, value)}
    times=${pictures.times}
    lines=${lines}
    value=${value}
    top=${top}
    marks=${marks}
  />`;
}

/** The highest value of all lines and the last of its line. */
function saidOf(lines: readonly PictureLine[], value: (value: number) => string): string {
  let highest: { name: string; at: number; last: number } | undefined;
  for (const { name, values } of lines) {
    const known = values.filter((one) => one !== null);
    const at = known.reduce((most, one) => Math.max(most, one), 0);
    if (known.length > 0 && (!highest || at > highest.at)) highest = { name, at, last: known.at(-1) ?? 0 };
  }
  if (!highest) return t('health.picNothing');
  return t('health.picSaid', { highest: value(highest.at), name: highest.name, last: value(highest.last) });
}
