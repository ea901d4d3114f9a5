/** A table of things: sorted by its headings, walked through by the keyboard, taken away as CSV. */
import { csv } from '../shared/csv.ts';
import { html, useMemo, type View } from './html.ts';
import { useFilter } from './route.ts';
import { sortedBy } from './sort.ts';
import { t } from './text.ts';

export interface Column<Row> {
  id: string;
  text: string;
  /** For sorting and CSV; numbers sort as numbers. */
  value(row: Row): string | number | undefined;
  /** How it is shown; default its value. */
  view?(row: Row): View;
  /** Stands at the right, as numbers do. */
  numeric?: boolean;
}

interface TableProps<Row> {
  /** Read aloud, and the name of the file. */
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  /** Where a row leads; its first cell becomes the link. */
  href?(row: Row): string | undefined;
  /** Instead of a table without rows: says what to do. */
  empty: View;
  /** Fetches the next page, where there is one. */
  more?: (() => Promise<void>) | undefined;
  /** The name in the URL, where a page has more than one table. */
  sortAs?: string;
}

export function Table<Row>(props: TableProps<Row>): View {
  const { caption, columns, rows, rowKey, href, empty, more, sortAs = 'sort' } = props;
  const [filter, setFilter] = useFilter(sortAs);
  const order = filter[sortAs] ?? '';
  const sorted = useMemo(() => sortedBy(rows, columns, order), [rows, columns, order]);
  if (rows.length === 0) return html`<div class="empty">${empty}</div>`;
  const sortBy = (id: string) => setFilter({ [sortAs]: order === id ? `-${id}` : id });
  return html`<div class="table">
    <table>
      <caption class="unseen">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(
            ({ id, text, numeric }) =>
              html`<th
                key=${id}
                scope="col"
                class=${numeric ? 'numeric' : undefined}
                aria-sort=${ariaSort(order, id)}
              >
                <button type="button" class="sort" onClick=${() => sortBy(id)}>${text}</button>
              </th>`,
          )}
        </tr>
      </thead>
      <tbody onKeyDown=${walk}>
        ${sorted.map((row) => html`<${Row} key=${rowKey(row)} row=${row} columns=${columns} href=${href?.(row)} />`)}
      </tbody>
    </table>
    <footer>
      <span>${t('shell.rows', { count: rows.length })}</span>
      ${more && html`<button type="button" onClick=${more}>${t('shell.more')}</button>`}
      <button type="button" class="quiet" onClick=${() => saveCsv(caption, columns, sorted)}>
        ${t('shell.csv')}
      </button>
    </footer>
  </div>`;
}

interface RowProps<Of> {
  row: Of;
  columns: Column<Of>[];
  href: string | undefined;
}

function Row<Of>({ row, columns, href }: RowProps<Of>): View {
  const open = (event: MouseEvent): void => {
    const inside = (event.target as Element).closest('a, button, input, select, label');
    if (inside || getSelection()?.toString()) return;
    (event.currentTarget as Element).querySelector<HTMLAnchorElement>('a.row-link')?.click();
  };
  return html`<tr class=${href ? 'leads' : undefined} onClick=${href ? open : undefined}>
    ${columns.map(({ id, text, value, view, numeric }, index) => {
      const shown = view ? view(row) : value(row);
      return html`<td key=${id} data-label=${text} class=${numeric ? 'numeric' : undefined}>
        ${href && index === 0 ? html`<a class="row-link" href=${href}>${shown}</a>` : shown}
      </td>`;
    })}
  </tr>`;
}

/** The arrows go from row to row. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !(event.target as Element).matches('a.row-link')) return;
  const links = [...(event.currentTarget as Element).querySelectorAll<HTMLAnchorElement>('a.row-link')];
  const next = links[links.indexOf(event.target as HTMLAnchorElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function ariaSort(order: string, id: string): 'ascending' | 'descending' | 'none' {
  if (order === id) return 'ascending';
  return order === `-${id}` ? 'descending' : 'none';
}

export function saveCsv<Row>(
  name: string,
  columns: readonly Pick<Column<Row>, 'text' | 'value'>[],
  rows: readonly Row[],
): void {
  // The mark makes Excel read UTF-8.
  saveAs(`${name}.csv`, new Blob(['\uFEFF', csv(columns, rows)], { type: 'text/csv;charset=utf-8' }));
}

/** As the browser saves a file. */
export function saveAs(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
