/** What happened to an order, oldest first, in plain words; what only a technician reads is shown when asked for. */
import type { Entry } from '../../../order/timeline.ts';
import { dateTime } from '../../kit/format.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';
import { sentence } from './sentences.ts';

export function Timeline({ entries, cut }: { entries: readonly Entry[]; cut: boolean }): View {
  const [whole, showWhole] = useState(false);
  const technical = entries.filter((entry) => entry.technical).length;
  const shown = whole ? entries : entries.filter((entry) => !entry.technical);
  return html`<section class="panel" aria-label=${t('orders.timeline')}>
    <header class="title">
      <h2>${t('orders.timeline')}</h2>
      ${
        technical > 0 &&
        html`<button type="button" class="quiet" onClick=${() => showWhole(!whole)}>
          ${t(whole ? 'orders.hideTechnical' : 'orders.showTechnical', { count: technical })}
        </button>`
      }
    </header>
    ${cut && html`<p class="small">${t('orders.cut')}</p>`}
    ${
      shown.length === 0
        ? html`<p>${t('orders.noTimeline')}</p>`
        : html`<ol class="timeline">
            ${shown.map((entry, index) => html`<${Line} key=${index} entry=${entry} whole=${whole} />`)}
          </ol>`
    }
  </section>`;
}

function Line({ entry, whole }: { entry: Entry; whole: boolean }): View {
  const { at, tone, link, made } = entry;
  return html`<li class=${`entry ${tone}`}>
    <time datetime=${at} class="small">${dateTime(at)}</time>
    <div>
      <span>${sentence(entry)}</span>
      ${link && html` <a href=${link} target="_blank" rel="noopener noreferrer">${t('orders.inOdoo')}</a>`}
      ${
        whole &&
        made &&
        html`<details class="made">
          <summary class="small">${t('orders.made', { flow: made.flow, step: made.step })}</summary>
          <p class="small">
            <code
              >${[made.outcome, made.code, made.reference, made.correlation].filter(Boolean).join(' · ')}</code
            >
          </p>
        </details>`
      }
    </div>
  </li>`;
}
