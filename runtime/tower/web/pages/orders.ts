/** The orders behind a number on the board: filters in the URL, planned earliest first. */
import type { BoardAnswer } from '../../../node-red/tower/board.ts';
import type { Age } from '../../board/ages.ts';
import type { OrderRow } from '../../board/orders.ts';
import { hrefOf } from '../kit/address.ts';
import { dateTime, money } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { useList } from '../kit/list.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { Link, useFilter } from '../kit/route.ts';
import { Table, type Column } from '../kit/table.ts';
import { t, textOf } from '../kit/text.ts';
import { Choice } from './board/choice.ts';
import { nameOf } from './board/names.ts';
import { lateWords } from './order/milestones.ts';
import { stepName, teamName } from './order/sentences.ts';

const filters = ['process', 'step', 'partner', 'warehouse', 'age', 'attention'] as const;
const ages: readonly (Age | 'late')[] = ['late', 'due', '0-1', '1-3', '3-7', '7-14', '14+', 'none'];

function Orders(): View {
  const [filter] = useFilter(...filters);
  const { data: board, error: failed } = usePolled<BoardAnswer>(
    hrefOf('/board', { process: filter.process }),
    60,
  );
  const process = filter.process || board?.process;
  if (!process)
    return html`<${Title} text=${t('orders.list')} />
      ${failed ? html`<${Fault} error=${failed} />` : html`<${Loading} />`}`;
  return html`<${List} process=${process} board=${board} />`;
}

function List({ process, board }: { process: string; board: BoardAnswer | undefined }): View {
  const [filter, setFilter] = useFilter(...filters);
  const { rows, error, more, refresh } = useList<OrderRow>(hrefOf('/orders', { ...filter, process }));
  const { partner, warehouse } = filter;
  return html`<${Title} text=${t('orders.listOf', { process })}>
      <${Link} href=${hrefOf('/tower/board', { process, partner, warehouse })}>${t('orders.back')}<//>
    <//>
    <div class="filters">
      <${Choice}
        label=${t('orders.step')}
        value=${filter.step}
        options=${[['', t('orders.anyStep')], ...(board?.steps ?? []).map(({ step }) => [step, stepName(step)])]}
        onChoose=${(step: string) => setFilter({ step })}
      />
      <${Choice}
        label=${t('board.age')}
        value=${filter.age}
        options=${[['', t('board.anyAge')], ...ages.map((age) => [age, t(`board.age.${age}`)])]}
        onChoose=${(age: string) => setFilter({ age })}
      />
      <${Choice}
        label=${t('board.partner')}
        value=${partner}
        options=${[['', t('board.all')], ...(board?.partners ?? []).map(({ name }) => [name, nameOf(name)])]}
        onChoose=${(partner: string) => setFilter({ partner })}
      />
      <${Choice}
        label=${t('board.warehouse')}
        value=${warehouse}
        options=${[['', t('board.all')], ...(board?.warehouses ?? []).map(({ name }) => [name, nameOf(name)])]}
        onChoose=${(warehouse: string) => setFilter({ warehouse })}
      />
      <label class="check">
        <span
          ><input
            type="checkbox"
            checked=${filter.attention === '1'}
            onChange=${(event: Event) =>
              setFilter({ attention: (event.currentTarget as HTMLInputElement).checked ? '1' : '' })}
          />${t('orders.onlyAttention')}</span
        >
      </label>
    </div>
    <${Fault} error=${error} retry=${refresh} />
    ${
      rows
        ? html`<${Table}
            caption=${t('orders.listOf', { process })}
            columns=${columns()}
            rows=${rows}
            rowKey=${({ key }: OrderRow) => key}
            href=${({ process, key }: OrderRow) => `/tower/orders/${process}/${encodeURIComponent(key)}`}
            empty=${t('orders.noOrders')}
            more=${more}
          />`
        : !error && html`<${Loading} />`
    }`;
}

function columns(): Column<OrderRow>[] {
  const unknown = t('orders.notKnown');
  return [
    { id: 'number', text: t('orders.number'), value: ({ number }) => number },
    { id: 'step', text: t('orders.step'), value: ({ step }) => stepName(step) },
    { id: 'state', text: t('orders.state'), value: ({ state }) => textOf(`orders.state.${state}`) ?? state },
    { id: 'partner', text: t('orders.partner'), value: ({ partner }) => partner ?? unknown },
    { id: 'warehouse', text: t('orders.warehouse'), value: ({ warehouse }) => warehouse ?? unknown },
    { id: 'team', text: t('orders.who'), value: ({ team }) => (team ? teamName(team) : unknown) },
    { id: 'planned', text: t('orders.plan'), value: ({ planned }) => planned, view: plannedView },
    { id: 'late', text: t('orders.lateBy'), value: ({ late }) => late, view: lateView },
    { id: 'amount', text: t('orders.value'), value: valueOf, view: valueView, numeric: true },
  ];
}

const plannedView = ({ planned }: OrderRow): View => (planned ? dateTime(planned) : t('orders.notKnown'));

const lateView = ({ late }: OrderRow): View =>
  late === undefined ? '' : html`<span class="badge bad">${lateWords(late)}</span>`;

/** As text where a number would lose a digit. */
function valueOf({ amount }: OrderRow): string | number | undefined {
  const number = Number(amount);
  return amount !== undefined && String(number) === amount.replace(/\.?0+$/, '') ? number : amount;
}

const valueView = ({ amount, currency }: OrderRow): View =>
  amount === undefined ? t('orders.notKnown') : money(amount, currency);

export const page: Page = { path: '/tower/orders', view: Orders };
