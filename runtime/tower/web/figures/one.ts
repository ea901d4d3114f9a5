/** One figure: how it is counted, what it is now and on each day, and by whom. */
import type { Figure } from '../../../figures/figures.ts';
import type { Side } from '../../../figures/indicators.ts';
import { dateTime, duration, number } from '../kit/format.ts';
import { Picture } from '../health/picture.ts';
import { html, useMemo, type View } from '../kit/html.ts';
import { Table, type Column } from '../kit/table.ts';
import { t, teamName } from '../kit/text.ts';
import { aimOf, colourOf, shareOf, stateOf, valueOf } from './words.ts';

interface Shown {
  figure: Figure;
  /** Dates, as many as values of its line. */
  days: readonly string[];
}

export function One({ figure, days }: Shown): View {
  const { indicator, owner, missing, date: by } = figure;
  return html`<section class="panel figure" id=${indicator} aria-labelledby=${`${indicator}-title`}>
    <h2 id=${`${indicator}-title`}>
      ${t(`figures.${indicator}.title`)} <span class=${`badge ${colourOf(figure)}`}>${stateOf(figure)}</span>
    </h2>
    <p><b class="figure-value">${valueOf(figure)}</b> ${aimOf(figure)} · ${teamName(owner)}</p>
    ${missing && html`<p>${t(`figures.missing.${missing}`)}</p>`}
    ${figure.worse.map((effect) => html`<${Worse} key=${effect.version} effect=${effect} />`)}
    <${Counts} figure=${figure} />
    <dl class="figure-basis">
      <dt>${t('figures.formula')}</dt>
      <dd>${t(`figures.${indicator}.formula`)}</dd>
      <dt>${t('figures.basis')}</dt>
      <dd>${t(`figures.${indicator}.basis`)} ${by && t(`figures.date.${by}`)}</dd>
    </dl>
    <${Days} figure=${figure} days=${days} />
    <${Parts} figure=${figure} />
  </section>`;
}

function Worse({ effect }: { effect: Figure['worse'][number] }): View {
  const { version, since, before, after, rollback } = effect;
  const told = {
    version,
    after: shareOf(after.value),
    before: shareOf(before.value),
    since: dateTime(since),
  };
  return html`<div class="notice">
    <p>
      <b>${t('figures.worse', told)}</b>${' '}
      ${t('figures.worseCounts', { count: after.count, earlier: number(before.count) })}
    </p>
    <p>
      ${rollback && before.version ? t('figures.rollback', { version: before.version }) : t('figures.rolled')}
    </p>
  </div>`;
}

function Counts({ figure }: { figure: Figure }): View {
  const { hits, count, left, medianS, p90S, oldest } = figure;
  const told = [
    count > 0 && t('figures.of', { hits: number(hits), count }),
    medianS !== undefined &&
      p90S !== undefined &&
      t('figures.half', { median: duration(medianS), most: duration(p90S) }),
    oldest && t('figures.oldest', { time: dateTime(oldest) }),
    left > 0 && t('figures.left', { count: left }),
  ].filter((one) => one !== false && one !== undefined && one !== '');
  return told.length > 0 && html`<p>${told.join(' · ')}</p>`;
}

function Days({ figure, days }: Shown): View {
  const { line, indicator } = figure;
  const times = useMemo(() => days.map((day) => Date.parse(day) / 1000), [days]);
  const lines = useMemo(() => [{ name: t(`figures.${indicator}.title`), values: line }], [line]);
  const known = line.filter((one) => one !== null);
  if (known.length === 0) return null;
  const said = t('figures.said', { last: shareOf(known.at(-1)!), lowest: shareOf(Math.min(...known)) });
  return html`<${Picture}
    title=${t('figures.drawn')}
    said=${said}
    times=${times}
    lines=${lines}
    value=${shareOf}
    top=${0.1}
    dots
  />`;
}

const titles = {
  partner: 'figures.byPartner',
  warehouse: 'figures.byWarehouse',
  flow: 'figures.byFlow',
  version: 'figures.byVersion',
  release: 'figures.byRelease',
} as const satisfies Record<Side, string>;
type Part = NonNullable<Figure['by'][Side]>[number];

function Parts({ figure }: { figure: Figure }): View {
  const sides = Object.entries(figure.by) as [Side, Part[]][];
  if (sides.length === 0) return null;
  return html`<details>
    <summary>${t('figures.parts')}</summary>
    <div class="figure-parts">
      ${sides.map(
        ([side, rows]) =>
          html`<div key=${side}>
            <h3>${t(titles[side])}</h3>
            <${Table}
              caption=${`${t(`figures.${figure.indicator}.title`)}, ${t(titles[side])}`}
              columns=${columns()}
              rows=${rows}
              rowKey=${({ name }: Part) => name}
              empty=""
              sortAs=${`${figure.indicator}-${side}`}
            />
          </div>`,
      )}
    </div>
  </details>`;
}

const columns = (): Column<Part>[] => [
  {
    id: 'name',
    text: t('figures.name'),
    value: ({ name }) => (name === '-' ? t('figures.unknown') : name),
  },
  {
    id: 'share',
    text: t('figures.share'),
    value: ({ value }) => value ?? undefined,
    view: ({ value }) => shareOf(value),
    numeric: true,
  },
  {
    id: 'count',
    text: t('figures.counted'),
    value: ({ count }) => count,
    view: ({ hits, count }) => t('figures.of', { hits: number(hits), count: number(count) }),
    numeric: true,
  },
];
