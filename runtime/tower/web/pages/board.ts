/** The board: what stands at each step of a process, what it is worth, and how late it is. */
import type { BoardAnswer } from '../../../node-red/tower/board.ts';
import type { Sum } from '../../board/board.ts';
import { hrefOf } from '../kit/address.ts';
import { ago, money } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { Link, useFilter } from '../kit/route.ts';
import { t } from '../kit/text.ts';
import { Ageing } from './board/ageing.ts';
import { Choice } from './board/choice.ts';
import { nameOf } from './board/names.ts';
import { stepName } from './order/sentences.ts';

type Chosen = Record<'process' | 'partner' | 'warehouse', string>;

function Board(): View {
  const [filter, setFilter] = useFilter('process', 'partner', 'warehouse');
  const { data: board, error, refresh } = usePolled<BoardAnswer>(hrefOf('/board', filter), 15);
  if (!board)
    return html`<${Title} text=${t('board.title')} />
      ${error ? html`<${Fault} error=${error} retry=${refresh} />` : html`<${Loading} />`}`;
  const chosen = { ...filter, process: board.process };
  return html`<${Title} text=${t('board.title')} />
    <${Fault} error=${error} />
    <div class="filters">
      <${Choice}
        label=${t('orders.process')}
        value=${board.process}
        options=${board.processes.map(({ process }) => [process, process])}
        onChoose=${(process: string) => setFilter({ process, partner: '', warehouse: '' })}
      />
      <${Choice}
        label=${t('board.partner')}
        value=${filter.partner}
        options=${[['', t('board.all')], ...namesOf(board.partners)]}
        onChoose=${(partner: string) => setFilter({ partner })}
      />
      <${Choice}
        label=${t('board.warehouse')}
        value=${filter.warehouse}
        options=${[['', t('board.all')], ...namesOf(board.warehouses)]}
        onChoose=${(warehouse: string) => setFilter({ warehouse })}
      />
    </div>
    ${
      board.all.count === 0
        ? html`<p class="empty">${t('board.empty')}</p>`
        : html`<${Columns} board=${board} chosen=${chosen} /> <${Matrices} board=${board} chosen=${chosen} />`
    }`;
}

function namesOf(all: readonly { name: string }[]): [string, string][] {
  return all.map(({ name }) => [name, nameOf(name)]);
}

function Columns({ board, chosen }: { board: BoardAnswer; chosen: Chosen }): View {
  return html`<ol class="board" aria-label=${t('board.steps', { process: board.process })}>
    ${board.steps.map(
      ({ step, ...sum }) =>
        html`<li key=${step} class=${`panel ${sum.count === 0 ? 'nothing' : ''}`}>
          <h2>${stepName(step)}</h2>
          <${Standing} sum=${sum} to=${{ ...chosen, step }} />
        </li>`,
    )}
  </ol>`;
}

function Standing({ sum, to }: { sum: Sum; to: Record<string, string> }): View {
  const { count, late, attention, oldest, values, unvalued } = sum;
  if (count === 0) return html`<p class="small">${t('board.nothing')}</p>`;
  const list = (more = {}) => hrefOf('/tower/orders', { ...to, ...more });
  return html`<p class="count"><${Link} href=${list()}>${t('board.orders', { count })}<//></p>
    ${values.map(
      ({ value, currency }) =>
        html`<p key=${currency} class="value">
          ${money(value, currency)}${!currency && html` <span class="small">${t('orders.notKnown')}</span>`}
        </p>`,
    )}
    ${unvalued > 0 && html`<p class="small">${t('board.unvalued', { count: unvalued })}</p>`}
    ${
      late > 0 &&
      html`<p class="late"><${Link} href=${list({ age: 'late' })}>${t('board.late', { count: late })}<//></p>`
    }
    ${
      attention > 0 &&
      html`<p class="asks">
        <${Link} href=${list({ attention: '1' })}>${t('board.attention', { count: attention })}<//>
      </p>`
    }
    ${oldest && html`<p class="small">${t('board.oldest', { ago: ago(oldest) })}</p>`}`;
}

function Matrices({ board, chosen }: { board: BoardAnswer; chosen: Chosen }): View {
  const steps = board.steps
    .filter(({ count }) => count > 0)
    .map(({ step, ...sum }) => ({
      name: stepName(step),
      sum,
      to: { ...chosen, step },
    }));
  const named = (what: 'partner' | 'warehouse', all: readonly (Sum & { name: string })[]) =>
    all.map(({ name, ...sum }) => ({ name: nameOf(name), sum, to: { ...chosen, [what]: name } }));
  return html`<h2>${t('board.ageing')}</h2>
    <p class="small">${t('board.ageingHelp', { timezone: board.timezone })}</p>
    <${Ageing}
      heading=${t('board.step')}
      rows=${[...steps, { name: t('board.sum'), sum: board.all, to: chosen }]}
    />
    <h2>${t('board.byPartner')}</h2>
    <${Ageing} heading=${t('board.partner')} rows=${named('partner', board.partners)} />
    <h2>${t('board.byWarehouse')}</h2>
    <${Ageing} heading=${t('board.warehouse')} rows=${named('warehouse', board.warehouses)} />`;
}

export const page: Page = { path: '/tower/board', nav: { text: 'board.nav', order: 20 }, view: Board };
