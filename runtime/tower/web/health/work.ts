/** Flows and the store, over time. */
import { editorOf } from '../kit/address.ts';
import type { StoreHealth } from '../../health.ts';
import type { Pictures } from '../../pictures.ts';
import { number } from '../kit/format.ts';
import { html, useMemo, type View } from '../kit/html.ts';
import type { PictureLine } from './picture.ts';
import { Table, type Column } from '../kit/table.ts';
import { t } from '../kit/text.ts';
import { Drawn, MOST_LINES } from './drawn.ts';
import { whole } from './now.ts';

type FlowRow = Pictures['flows'][number];
const ms = (value: number): string =>
  value < 1000 ? `${number(value)} ms` : `${number(value / 1000, value < 10_000 ? 1 : 0)} s`;

export function Flows({ pictures }: { pictures: Pictures }): View {
  const columns: Column<FlowRow>[] = [
    { id: 'flow', text: t('health.flow'), value: ({ flow }) => flow },
    {
      id: 'steps',
      text: t('health.steps'),
      value: ({ steps, failures }) => steps - failures,
      view: ({ steps, failures }) => number(steps - failures),
      numeric: true,
    },
    {
      id: 'failures',
      text: t('health.failures'),
      value: ({ failures }) => failures,
      view: ({ failures }) => number(failures),
      numeric: true,
    },
    {
      id: 'p95',
      text: t('health.p95'),
      value: ({ overall }) => overall ?? undefined,
      view: ({ overall }) => (overall === null ? t('health.untimed') : ms(overall)),
      numeric: true,
    },
  ];
  const busiest = useMemo(() => pictures.flows.slice(0, MOST_LINES), [pictures]);
  return html`<section class="panel" id="flows">
    <h2>${t('health.flows')}</h2>
    <p class="small">${t('health.flowsHelp')}</p>
    <${Table}
      caption=${t('health.flows')}
      columns=${columns}
      rows=${pictures.flows}
      rowKey=${({ flow }: FlowRow) => flow}
      href=${({ flow }: FlowRow) => editorOf(flow)}
      empty=${t('health.noFlows')}
      sortAs="flows"
    />
    <div class="pictures">
      <${Drawn}
        pictures=${pictures}
        title=${t('health.picDone')}
        value=${whole}
        of=${busiest}
        line=${flowDone}
      />
      <${Drawn}
        pictures=${pictures}
        title=${t('health.picFailed')}
        value=${whole}
        of=${busiest}
        line=${flowFailed}
      />
      <${Drawn}
        pictures=${pictures}
        title=${t('health.picP95')}
        value=${ms}
        of=${busiest}
        line=${flowP95}
        top=${10}
      />
    </div>
  </section>`;
}

const flowDone = ({ flow, done }: FlowRow): PictureLine => ({ name: flow, values: done });
const flowFailed = ({ flow, failed }: FlowRow): PictureLine => ({ name: flow, values: failed });
const flowP95 = ({ flow, p95 }: FlowRow): PictureLine => ({ name: flow, values: p95 });

const MB = 1_000_000;
const bytes = (value: number): string =>
  value < 1000 * MB
    ? `${number(value / MB, value < 10 * MB ? 1 : 0)} MB`
    : `${number(value / MB / 1000, 1)} GB`;

export function Store({ store, pictures }: { store: StoreHealth; pictures: Pictures | undefined }): View {
  const { used, limit, growthPerDay } = store;
  const line = useMemo(() => (pictures ? [pictures.store] : []), [pictures]);
  return html`<section class="panel" id="store">
    <h2>${t('health.store')}</h2>
    <dl class="facts">
      <dt>${t('health.used')}</dt>
      <dd>${used === undefined ? t('health.notKnown') : bytes(used)}</dd>
      <dt>${t('health.room')}</dt>
      <dd>${limit === undefined ? t('health.roomUnknown') : bytes(limit)}</dd>
      <dt>${t('health.growth')}</dt>
      <dd>${growthPerDay === undefined ? t('health.growthUnknown') : bytes(growthPerDay)}</dd>
      <dt>${t('health.daysLeft')}</dt>
      <dd>${daysOf(store)}</dd>
    </dl>
    ${
      used !== undefined &&
      limit !== undefined &&
      html`<p>
        <meter
          class="store-room"
          aria-label=${t('health.used')}
          min="0"
          max=${limit}
          value=${used}
          high=${0.9 * limit}
        ></meter>
      </p>`
    }
    <${Drawn}
      pictures=${pictures}
      title=${t('health.picStore')}
      value=${bytes}
      of=${line}
      line=${storeLine}
      top=${MB}
    />
  </section>`;
}

const storeLine = (values: Pictures['store']): PictureLine => ({ name: t('health.store'), values });

function daysOf({ daysLeft, growthPerDay }: StoreHealth): string {
  if (daysLeft !== undefined) return number(daysLeft);
  return growthPerDay !== undefined && growthPerDay <= 0 ? t('health.noGrowth') : t('health.daysUnknown');
}
