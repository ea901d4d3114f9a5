/** What happened to an order, oldest first, in plain words; what only a technician reads is folded away. */
import type { Entry } from '../../../order/timeline.ts';
import { dateTime } from '../../kit/format.ts';
import { html, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';
import { sentence } from './sentences.ts';

export function Timeline({ entries, cut }: { entries: readonly Entry[]; cut: boolean }): View {
  return html`<section class="panel" aria-label=${t('orders.timeline')}>
    <h2>${t('orders.timeline')}</h2>
    ${cut && html`<p class="small">${t('orders.cut')}</p>`}
    ${
      entries.length === 0
        ? html`<p>${t('orders.noTimeline')}</p>`
        : html`<ol class="timeline">
            ${grouped(entries).map((group, index) => html`<${Group} key=${index} group=${group} />`)}
          </ol>`
    }
  </section>`;
}

/** Technical ones that follow each other are one group; every other entry is one of its own. */
function grouped(entries: readonly Entry[]): Entry[][] {
  const groups: Entry[][] = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (entry.technical && last?.[0]?.technical) last.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

function Group({ group }: { group: readonly Entry[] }): View {
  const [first] = group;
  if (!first?.technical) return first ? html`<${Line} entry=${first} />` : null;
  return html`<li class="folded">
    <details>
      <summary class="small">${t('orders.technical', { count: group.length })}</summary>
      <ol class="timeline">
        ${group.map((entry, index) => html`<${Line} key=${index} entry=${entry} />`)}
      </ol>
    </details>
  </li>`;
}

function Line({ entry }: { entry: Entry }): View {
  const { at, tone, link, made } = entry;
  return html`<li class=${`entry ${tone}`}>
    <time datetime=${at} class="small">${dateTime(at)}</time>
    <div>
      <span>${sentence(entry)}</span>
      ${link && html` <a href=${link} target="_blank" rel="noopener noreferrer">${t('orders.inOdoo')}</a>`}
      ${
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
