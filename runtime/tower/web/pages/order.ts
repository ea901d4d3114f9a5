/** The page of one order: where it stands, its money, its documents, what failed, and what happened. */
import type { OrderPage } from '../../order/order.ts';
import { dateTime } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page, type PageProps } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { may } from '../kit/session.ts';
import { t, textOf } from '../kit/text.ts';
import { Actions } from './order/actions.ts';
import { Documents } from './order/documents.ts';
import { Exceptions } from './order/exceptions.ts';
import { Messages } from './order/messages.ts';
import { Money } from './order/money.ts';
import { OrderRail } from './order/milestones.ts';
import { sentence, teamName } from './order/sentences.ts';
import { Timeline } from './order/timeline.ts';

function Order({ params }: PageProps): View {
  const path = `/orders/${encodeURIComponent(params['process'] ?? '')}/${encodeURIComponent(params['key'] ?? '')}`;
  const { data: order, error, refresh } = usePolled<OrderPage>(path, 10);
  if (!order)
    return error
      ? html`<${Title} text=${t('orders.order', { number: params['key'] ?? '' })} />
          <${Fault} error=${error} retry=${error.status === 404 ? undefined : refresh} />`
      : html`<${Loading} />`;
  const { process, state, number } = order;
  return html`<${Title} text=${t(process ? 'orders.order' : 'orders.trace', { number })} kind=${process}>
      ${state && html`<span class=${`badge ${tones[state] ?? ''}`}>${textOf(`orders.state.${state}`) ?? state}</span>`}
      ${process && state && html`<${Actions} path=${path} number=${number} state=${state} onDone=${refresh} />`}
    <//>
    <${Fault} error=${error} />
    ${!process && html`<p class="notice">${t('orders.traceHelp')}</p>`}
    ${order.attention.map(
      (one) =>
        html`<p key=${one.step} class="notice">
          ${t('orders.asked', { team: teamName(one.to), why: sentence(one) })}
        </p>`,
    )}
    ${order.rail.length > 0 && html`<${OrderRail} milestones=${order.rail} />`}
    ${order.money && html`<${Money} money=${order.money} />`}
    <${Exceptions} exceptions=${order.exceptions} />
    <${Documents} documents=${order.documents} />
    <${Facts} order=${order} />
    <${Timeline} entries=${order.timeline} cut=${order.cut} />
    ${may('crossdock.data') && html`<${Messages} path=${`${path}/messages`} />`}`;
}

const tones: Record<string, string> = {
  done: 'good',
  held: 'warning',
  paused: 'warning',
  undoing: 'warning',
};

function Facts({ order }: { order: OrderPage }): View {
  const { process, partner, warehouse, started, updated, key, number, names } = order;
  const unknown = t('orders.notKnown');
  const called = names.filter(({ value }) => value !== number);
  return html`<section class="panel">
    <dl class="facts">
      <dt>${t('orders.partner')}</dt>
      <dd>${partner ?? unknown}</dd>
      <dt>${t('orders.warehouse')}</dt>
      <dd>${warehouse ?? unknown}</dd>
      ${
        process &&
        html`<dt>${t('orders.started')}</dt>
          <dd>${started ? dateTime(started) : unknown}</dd>
          <dt>${t('orders.updated')}</dt>
          <dd>${updated ? dateTime(updated) : unknown}</dd>
          <dt>${t('orders.key')}</dt>
          <dd><code>${key}</code></dd>`
      }
      ${
        called.length > 0 &&
        html`<dt>${t('orders.names')}</dt>
          <dd>
            <ul class="names">
              ${called.map(
                ({ kind, value }) =>
                  html`<li key=${`${kind} ${value}`}>
                    <span class="small">${textOf(`search.kind.${kind}`) ?? kind}</span> ${value}
                  </li>`,
              )}
            </ul>
          </dd>`
      }
    </dl>
  </section>`;
}

export const page: Page = { path: '/tower/orders/:process/:key', view: Order };
