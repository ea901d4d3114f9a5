/** The money strip of an order: ordered, shipped, invoiced, posted, paid. */
import type { Amount, OrderMoney } from '../../../order/money.ts';
import { money as written } from '../../kit/format.ts';
import { html, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';

const names = ['ordered', 'shipped', 'invoiced', 'posted', 'paid', 'credited'] as const;

export function Money({ money }: { money: OrderMoney }): View {
  return html`<section class="panel">
    <h2>${t('orders.money')}</h2>
    <div class="strip">
      ${names.map((name) => {
        const amount = money[name];
        return (
          amount &&
          html`<p key=${name} class=${`amount ${amount.value === undefined ? 'untold' : ''}`}>
            <span class="small">${t(`orders.money.${name}`)}</span> <b>${amountText(amount)}</b>
          </p>`
        );
      })}
    </div>
    <p class="small">${t('orders.moneyHelp')}</p>
  </section>`;
}

/** What is not known is never 0. */
function amountText({ value, currency, none }: Amount): string {
  if (value !== undefined) return written(value, currency);
  return t(none ? 'orders.moneyNone' : 'orders.notKnown');
}
