/** A picture over time: a line a thing, with its values where the mouse points, and in words what it shows. */
import uPlot from 'uplot';
import { dateTime, locale } from '../kit/format.ts';
import { html, useEffect, useId, useRef, useState, type View } from '../kit/html.ts';
import { t, useLanguage } from '../kit/text.ts';

export interface PictureLine {
  name: string;
  /** One a time; null where nothing is known. */
  values: readonly (number | null)[];
}

interface PictureProps {
  title: string;
  /** What it shows, for who does not see it. */
  said: string;
  /** Seconds since 1970. */
  times: readonly number[];
  lines: readonly PictureLine[];
  /** A value as it is read: 3 minutes, 12 MB. */
  value(value: number): string;
  /** Where the axis ends at least. */
  top?: number;
  /** Between two marks of the axis. Default any round number. */
  marks?: readonly number[];
  /** Each value is a dot: where there are few, or gaps between them. */
  dots?: boolean;
}

const HEIGHT = 200;
const DAY_S = 86_400;
const dark = matchMedia('(prefers-color-scheme: dark)');

export function Picture({
  title,
  said,
  times,
  lines,
  value,
  top = 1,
  marks,
  dots = false,
}: PictureProps): View {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const scheme = useScheme();
  const spoken = useLanguage();
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const plot = new uPlot(
      optionsOf(place, times, lines, value, top, marks, dots),
      [[...times], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData,
      place,
    );
    const fit = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT }));
    fit.observe(place);
    return () => {
      fit.disconnect();
      plot.destroy();
    };
  }, [times, lines, scheme, spoken]);
  return html`<figure class="picture" aria-labelledby=${id}>
    <figcaption id=${id}><b>${title}</b> <span class="small">${said}</span></figcaption>
    <div ref=${box}></div>
  </figure>`;
}

/** Changes when the colours do. */
function useScheme(): boolean {
  const [isDark, set] = useState(dark.matches);
  useEffect(() => {
    const change = (): void => set(dark.matches);
    dark.addEventListener('change', change);
    return () => dark.removeEventListener('change', change);
  }, []);
  return isDark;
}

function optionsOf(
  place: Element,
  times: readonly number[],
  lines: readonly PictureLine[],
  value: (value: number) => string,
  top: number,
  marks: readonly number[] | undefined,
  dots: boolean,
): uPlot.Options {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--text-soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  const moment = clockOf(times);
  return {
    width: Math.max(place.clientWidth, 200),
    height: HEIGHT,
    legend: { live: lines.length > 0 },
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(top, (high ?? 0) * 1.05)] } },
    axes: [
      { ...axis, values: (_plot, at) => at.map(moment.axis), space: 70 },
      {
        ...axis,
        values: (_plot, at) => at.map((one) => value(one)),
        size: 78,
        ...(marks && { incrs: [...marks] }),
      },
    ],
    series: [
      { label: t('health.time'), value: (_plot, at) => (at === null ? '' : moment.whole(at)) },
      ...lines.map(({ name }, index): uPlot.Series => ({
        label: name,
        stroke: colour(`--picture-${(index % 6) + 1}`),
        width: 1.5,
        dash: index % 2 ? [6, 3] : [],
        points: { show: dots, size: 5 },
        value: (_plot, at) => (at === null ? '–' : value(at)),
      })),
    ],
  };
}

/** How a time is written: within a day the clock, over days the date. */
function clockOf(times: readonly number[]): { axis(at: number): string; whole(at: number): string } {
  const long = (times.at(-1) ?? 0) - (times[0] ?? 0) > 2 * DAY_S;
  const style: Intl.DateTimeFormatOptions = long
    ? { day: 'numeric', month: 'short' }
    : { hour: '2-digit', minute: '2-digit' };
  const format = new Intl.DateTimeFormat(locale(), style);
  return {
    axis: (at) => format.format(at * 1000),
    whole: (at) => dateTime(new Date(at * 1000).toISOString()),
  };
}
