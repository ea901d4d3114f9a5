/** The exceptions of an order: what went wrong, and where it is repaired. */
import type { OrderException } from '../../../order/exceptions.ts';
import { dateTime } from '../../kit/format.ts';
import { html, type View } from '../../kit/html.ts';
import { t, textOf } from '../../kit/text.ts';

export function Exceptions({ exceptions }: { exceptions: readonly OrderException[] }): View {
  return html`<section aria-label=${t('orders.exceptions')}>
    <h2>${t('orders.exceptions')}</h2>
    ${
      exceptions.length === 0
        ? html`<p class="small">${t('orders.noExceptions')}</p>`
        : html`<ul class="exceptions">
            ${exceptions.map((one) => html`<${Exception} key=${one.id} exception=${one} />`)}
          </ul>`
    }
  </section>`;
}

function Exception({ exception }: { exception: OrderException }): View {
  const { id, code, reason, state, flow, lastFailed } = exception;
  const waits = state === 'open' || state === 'parked';
  return html`<li class=${`panel exception ${waits ? 'waits' : ''}`}>
    <p>
      <span class=${`badge ${waits ? 'bad' : ''}`}>${textOf(`orders.letter.${state}`) ?? state}</span>
      ${' '}<a href=${`/tower/codes/${code}`}>${code}</a>
    </p>
    <p>${reason}</p>
    <p class="small">${flow}, ${dateTime(lastFailed)}</p>
    <p>
      <a class="button" href=${`/tower/letters/${encodeURIComponent(id)}`}>${t('orders.exceptionOpen')}</a>
    </p>
  </li>`;
}
