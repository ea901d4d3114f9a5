/** What differs between two pieces of data, field by field: before and after. */
import type { DataChange } from '../../../diff/data.ts';
import { html, type View } from '../kit/html.ts';
import { t } from '../kit/text.ts';

export function ChangesTable({ changes }: { changes: readonly DataChange[] }): View {
  return html`<div class="table" role="status">
    <table class="changes">
      <caption>
        ${t('letter.changes', { count: changes.length })}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('letter.field')}</th>
          <th scope="col">${t('letter.before')}</th>
          <th scope="col">${t('letter.after')}</th>
        </tr>
      </thead>
      <tbody>
        ${changes.map(
          ({ path, before, after }) =>
            html`<tr key=${path}>
              <td data-label=${t('letter.field')}><code>${path}</code></td>
              <td data-label=${t('letter.before')}><del>${shown(before)}</del></td>
              <td data-label=${t('letter.after')}><ins>${shown(after)}</ins></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const shown = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
