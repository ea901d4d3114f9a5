/** `/workspace/values/:name`: a value map as a table, with the values that wait for an entry. */
import type { MapRow, WaitingValue } from '../../../../workspace/values.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { useFilter } from '../../kit/route.ts';
import { may, useMe } from '../../kit/session.ts';
import { t } from '../../kit/text.ts';
import { useFile } from '../../workspace/save.ts';
import { SaveBar } from '../../workspace/savebar.ts';
import { AddEntry } from '../../workspace/values/add.ts';
import type { Entry } from '../../workspace/values/csv.ts';
import { Exchange } from '../../workspace/values/import.ts';
import { Entries } from '../../workspace/values/table.ts';

interface ValueMap {
  map: string;
  owner: string;
  summary: string;
  entries: Entry[];
}

export const page: Page = {
  path: '/workspace/values/:name',
  view({ params: { name = '' } }) {
    const file = useFile(`definitions/values/${name}.yaml`);
    const maps = usePolled<{ rows: MapRow[] }>('/values', 30);
    const waiting = usePolled<{ rows: WaitingValue[] }>(
      `/values/waiting?map=${encodeURIComponent(name)}`,
      15,
    );
    const [{ find }, setFilter] = useFilter('find');
    const [begun, begin] = useState<Entry>({ from: '', to: '' });
    const readonly = !useMe()?.authored || !may('crossdock.author');
    const map = file?.value as ValueMap | undefined;
    if (!file?.base) return html`<${Title} text=${name} /><${Fault} error=${file?.error} /><${Loading} />`;
    if (!map?.entries)
      return html`<${Title} text=${name} kind=${t('values.map')} />
        <p class="fault">${file.base.revision ? t('values.unread') : t('values.unknown')}</p>`;
    const change = (entries: Entry[]): void => file.changeValue({ ...map, entries });
    const missing = waiting.data?.rows.filter((one) => !map.entries.some((entry) => fits(entry, one))) ?? [];
    const words = [...new Set(map.entries.map(({ to }) => to))].slice(0, 50);
    return html`<${Title} text=${name} kind=${t('values.map')} />
      <p class="lead">${map.summary}</p>
      <p>${t('values.owner')}: <strong>${map.owner}</strong></p>
      <${Waiting} rows=${missing} readonly=${readonly} begin=${begin} />
      ${
        !readonly &&
        html`<section class="panel">
          <h2>${t('values.addTitle')}</h2>
          <${AddEntry}
            key=${JSON.stringify(begun)}
            map=${name}
            model=${maps.data?.rows.find((row) => row.name === name)?.model}
            ...${{ begun, words }}
            add=${(entry: Entry) => change([...map.entries, entry])}
          />
        </section>`
      }
      <p class="filters">
        <label
          >${t('values.find')}
          <input
            type="search"
            value=${find}
            onInput=${(event: Event) => setFilter({ find: (event.currentTarget as HTMLInputElement).value })}
        /></label>
      </p>
      <${Entries} entries=${map.entries} ...${{ find, readonly, change }} />
      <${SaveBar} files=${[file]} onSaved=${waiting.refresh} />
      <${Exchange} map=${name} entries=${map.entries} ...${{ readonly, change }} />`;
  },
};

function fits(entry: Entry, { value, source, article }: WaitingValue): boolean {
  const same = (said: string | undefined, wanted: string): boolean => said === undefined || said === wanted;
  return (
    entry.from === value.trim() && same(entry.source, source) && same(entry.article, article) && !entry.until
  );
}

interface WaitingProps {
  rows: readonly WaitingValue[];
  readonly: boolean;
  begin(entry: Entry): void;
}

function Waiting({ rows, readonly, begin }: WaitingProps): View {
  if (rows.length === 0) return null;
  return html`<section class="panel waiting">
    <h2>${t('values.waiting', { count: rows.length })}</h2>
    <ul>
      ${rows.map(
        ({ value, source, article, count, letter }) =>
          html`<li key=${`${value}/${source}/${article}`}>
            <strong>${value}</strong>
            ${source && html` <span class="small">${t('mend.from', { source })}</span>`}
            ${article && html` <span class="small">${t('mend.article', { article })}</span>`}${' '}
            <a href=${`/tower/letters/${encodeURIComponent(letter)}`}>${t('values.waits', { count })}</a>
            ${
              !readonly &&
              html` <button
                type="button"
                onClick=${() =>
                  begin({
                    from: value.trim(),
                    to: '',
                    ...(source && { source }),
                    ...(article && { article }),
                  })}
              >
                ${t('values.fill')}<span class="unseen"> ${value}</span>
              </button>`
            }
          </li>`,
      )}
    </ul>
  </section>`;
}
