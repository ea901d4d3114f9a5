/** How late orders are: a table whose numbers lead to the orders behind them. */
import type { Age } from '../../../board/ages.ts';
import type { Sum } from '../../../board/board.ts';
import { hrefOf } from '../../kit/address.ts';
import { number } from '../../kit/format.ts';
import { html, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';

interface AgeingRow {
  name: string;
  sum: Sum;
  /** What the list is asked for. */
  to: Record<string, string>;
}

const shown: readonly Age[] = ['due', '0-1', '1-3', '3-7', '7-14', '14+', 'none'];

export function Ageing({ heading, rows }: { heading: string; rows: readonly AgeingRow[] }): View {
  return html`<div class="table ageing">
    <table>
      <thead>
        <tr>
          <th scope="col">${heading}</th>
          ${shown.map((age) => html`<th key=${age} scope="col" class="numeric">${t(`board.age.${age}`)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, sum, to }) =>
            html`<tr key=${name}>
              <th scope="row">${name}</th>
              ${shown.map((age) => html`<${Cell} key=${age} name=${name} age=${age} count=${sum.ages[age]} to=${to} />`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

interface CellProps {
  name: string;
  age: Age;
  count: number;
  to: Record<string, string>;
}

function Cell({ name, age, count, to }: CellProps): View {
  const text = t(`board.age.${age}`);
  return html`<td class=${`numeric ${count > 0 ? `age-${age.replace('+', '')}` : 'zero'}`} data-label=${text}>
    ${
      count === 0
        ? html`<span class="small">${number(0)}</span>`
        : html`<a
            href=${hrefOf('/tower/orders', { ...to, age })}
            aria-label=${`${t('board.cell', { name, age: text })}: ${number(count)}`}
            >${number(count)}</a
          >`
    }
  </td>`;
}
