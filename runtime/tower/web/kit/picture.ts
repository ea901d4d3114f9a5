/** A picture over time: a line a thing, with its values where the mouse points, and in words what it shows. */
import uPlot from 'uplot';
import { html, useEffect, useId, useRef, useState, type View } from './html.ts';
import { language, useLanguage } from './text.ts';

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
}

const HEIGHT = 200;
const DAY_S = 86_400;
const dark = matchMedia('(prefers-color-scheme: dark)');

export function Picture({ title, said, times, lines, value, top = 1 }: PictureProps): View {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const scheme = useScheme();
  const spoken = useLanguage();
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const plot = new uPlot(
      optionsOf(place, times, lines, value, top),
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
      { ...axis, values: (_plot, marks) => marks.map((mark) => moment.axis(mark)), space: 70 },
      { ...axis, values: (_plot, marks) => marks.map((mark) => value(mark)), size: 78 },
    ],
    series: [
      { label: '', value: (_plot, at) => (at === null ? '' : moment.whole(at)) },
      ...lines.map(({ name }, index): uPlot.Series => ({
        label: name,
        stroke: colour(`--picture-${(index % 6) + 1}`),
        width: 1.5,
        dash: index % 2 ? [6, 3] : [],
        points: { show: false },
        value: (_plot, at) => (at === null ? '–' : value(at)),
      })),
    ],
  };
}

/** How a time is written: within a day the clock, over days the date. */
function clockOf(times: readonly number[]): { axis(at: number): string; whole(at: number): string } {
  const long = (times.at(-1) ?? 0) - (times[0] ?? 0) > 2 * DAY_S;
  const write = (style: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language.get(), style);
    return (at: number) => format.format(at * 1000);
  };
  return {
    axis: write(long ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' }),
    whole: write({ dateStyle: 'medium', timeStyle: 'short' }),
  };
}
