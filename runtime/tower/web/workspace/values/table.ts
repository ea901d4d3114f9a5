/** The entries of a value map as rows that are edited where they stand. */
import { html, useState, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';
import { fields, type Entry, type EntryField } from './csv.ts';

export const today = (): string => new Date().toISOString().slice(0, 10);

/** A page of rows. */
const most = 100;

interface EntriesProps {
  entries: readonly Entry[];
  find: string;
  readonly: boolean;
  change(entries: Entry[]): void;
}

export function Entries({ entries, find, readonly, change }: EntriesProps): View {
  const [shown, show] = useState(most);
  const wanted = find.trim().toLowerCase();
  const rows = entries
    .map((entry, at) => ({ entry, at }))
    .filter(({ entry }) => fields.some((field) => (entry[field] ?? '').toLowerCase().includes(wanted)));
  if (rows.length === 0) return html`<p class="empty">${t('values.noEntries')}</p>`;
  const put = (at: number, field: EntryField, text: string): void =>
    change(entries.map((one, index) => (index === at ? withField(one, field, text) : one)));
  const drop = (at: number): void => change(entries.filter((_, index) => index !== at));
  return html`<div class="table entries">
    <table>
      <caption class="unseen">
        ${t('values.entries')}
      </caption>
      <thead>
        <tr>
          ${fields.map((field) => html`<th key=${field} scope="col">${t(`values.${field}`)}</th>`)}
          ${!readonly && html`<th scope="col"><span class="unseen">${t('values.act')}</span></th>`}
        </tr>
      </thead>
      <tbody>
        ${rows.slice(0, shown).map(
          ({ entry, at }) =>
            html`<tr key=${at} class=${entry.until && entry.until < today() ? 'ended' : undefined}>
              ${fields.map(
                (field) =>
                  html`<td key=${field} data-label=${t(`values.${field}`)}>
                    ${
                      readonly
                        ? entry[field]
                        : html`<input
                            type=${field === 'since' || field === 'until' ? 'date' : 'text'}
                            aria-label=${`${t(`values.${field}`)}: ${entry.from}`}
                            value=${entry[field] ?? ''}
                            onInput=${(event: Event) =>
                              put(at, field, (event.currentTarget as HTMLInputElement).value)}
                          />`
                    }
                  </td>`,
              )}
              ${
                !readonly &&
                html`<td class="acts">
                  ${!entry.until && html`<button type="button" class="quiet" onClick=${() => put(at, 'until', today())}>${t('values.end')}<span class="unseen"> ${entry.from}</span></button>`}
                  <button type="button" class="quiet" onClick=${() => drop(at)}>
                    ${t('form.remove')}<span class="unseen"> ${entry.from}</span>
                  </button>
                </td>`
              }
            </tr>`,
        )}
      </tbody>
    </table>
    <footer>
      <span>${t('shell.rows', { count: rows.length })}</span>
      ${
        rows.length > shown &&
        html`<button type="button" onClick=${() => show(shown + most)}>${t('shell.more')}</button>`
      }
    </footer>
  </div>`;
}

export function withField(entry: Entry, field: EntryField, text: string): Entry {
  const next = { ...entry, [field]: text };
  if (text === '' && field !== 'from' && field !== 'to') delete next[field];
  return next;
}
