/** A CSV for a value map: what would change is seen before it is in the table, and bad rows are named by their line. */
import { html, useEffect, useState, type View } from '../../kit/html.ts';
import { saveCsv } from '../../kit/table.ts';
import type { Sheet } from '../../shared/sheet.ts';
import { t } from '../../kit/text.ts';
import { fields, imported, type Entry, type Imported } from './csv.ts';

interface ImportProps {
  map: string;
  entries: readonly Entry[];
  readonly: boolean;
  change(entries: Entry[]): void;
}

/** What was given, and how it was read. */
interface Given {
  text: string;
  encoding?: string;
}

type Fault = 'notText' | 'notLoaded';

export function Exchange({ map, entries, readonly, change }: ImportProps): View {
  const [given, give] = useState<Given>({ text: '' });
  const [sheet, setSheet] = useState<Sheet>();
  const [fault, fail] = useState<Fault>();
  useEffect(() => {
    setSheet(undefined);
    if (given.text.trim() === '') return undefined;
    let over = false;
    import('../../shared/sheet.ts').then(
      ({ sheetOf }) => over || setSheet(sheetOf(given.text)),
      () => over || fail('notLoaded'),
    );
    return () => void (over = true);
  }, [given]);
  const read = sheet && imported(entries, sheet);
  const take = (): void => {
    if (read) change(read.entries);
    give({ text: '' });
  };
  const file = async (event: Event): Promise<void> => {
    const field = event.currentTarget as HTMLInputElement;
    const [chosen] = field.files ?? [];
    if (!chosen) return;
    fail(undefined);
    give({ text: '' });
    try {
      const [{ decoded }, bytes] = await Promise.all([import('../../shared/sheet.ts'), chosen.arrayBuffer()]);
      const found = decoded(new Uint8Array(bytes));
      if (found) give(found);
      else fail('notText');
    } catch {
      fail('notLoaded');
    }
    // The same file, mended, is chosen again.
    field.value = '';
  };
  const typed = (event: Event): void => {
    fail(undefined);
    give({ text: (event.currentTarget as HTMLTextAreaElement).value });
  };
  const columns = fields.map((field) => ({ text: field, value: (entry: Entry) => entry[field] }));
  return html`<details class="panel exchange">
    <summary>${t('values.exchange')}</summary>
    <p>
      <button type="button" onClick=${() => saveCsv(map, columns, entries)}>${t('values.export')}</button>
    </p>
    ${
      !readonly &&
      html`<p>${t('values.importHelp')}</p>
        <p>
          <label>${t('values.file')} <input type="file" accept=".csv,text/csv" onChange=${file} /></label>
        </p>
        <label
          >${t('values.paste')}
          <textarea rows="5" spellcheck=${false} value=${given.text} onInput=${typed}></textarea>
        </label>`
    }
    ${fault && html`<p class="fault" role="alert">${t(`values.${fault}`)}</p>`}
    ${given.encoding === 'windows-1252' && html`<p class="notice">${t('values.asWindows')}</p>`}
    ${read && html`<${Preview} read=${read} take=${take} />`}
  </details>`;
}

function Preview({ read, take }: { read: Imported; take(): void }): View {
  const { added, changed, same, wrong } = read;
  return html`<div role="status">
    <p>${t('values.would', { added: added.length, changed: changed.length, same })}</p>
    ${
      wrong.length > 0 &&
      html`<ul class="fault">
        ${wrong
          .slice(0, most)
          .map(
            ({ line, why, field }) =>
              html`<li key=${`${line}${why}`}>
                ${t('values.line', { line })} ${t(`values.wrong-${why}`, { field: field ?? '' })}
              </li>`,
          )}
      </ul>`
    }
    <ul>
      ${changed
        .slice(0, most)
        .map(
          ({ before, after }) =>
            html`<li key=${JSON.stringify(after)}>
              <strong>${after.from}</strong> <del>${shown(before)}</del> <ins>${shown(after)}</ins>
            </li>`,
        )}
      ${added.slice(0, most).map((one) => html`<li key=${`+${JSON.stringify(one)}`}><strong>${one.from}</strong> <ins>${shown(one)}</ins></li>`)}
    </ul>
    <button type="button" disabled=${wrong.length > 0} onClick=${take}>${t('values.intoTable')}</button>
  </div>`;
}

const most = 20;

const shown = (entry: Entry): string =>
  fields.flatMap((field) => (field !== 'from' && entry[field] ? [entry[field]] : [])).join(' · ');
