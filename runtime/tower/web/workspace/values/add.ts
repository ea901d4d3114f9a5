/** One more entry: by hand, or for a value that exceptions wait for, with what Odoo has. */
import type { Candidates } from '../../../candidates.ts';
import { get } from '../../kit/api.ts';
import { html, useEffect, useId, useState, type View } from '../../kit/html.ts';
import { may } from '../../kit/session.ts';
import { t } from '../../kit/text.ts';
import type { Entry } from './csv.ts';
import { withField } from './table.ts';

interface AddProps {
  map: string;
  /** It leads to Odoo, which can be asked. */
  model: string | undefined;
  /** Begun with what waits. */
  begun: Entry;
  words: readonly string[];
  add(entry: Entry): void;
}

export function AddEntry({ map, model, begun, words, add }: AddProps): View {
  const id = useId();
  const [entry, setEntry] = useState(begun);
  const found = useCandidates(model ? map : '', entry.to || entry.from);
  const field = (name: 'from' | 'to' | 'factor' | 'article' | 'source' | 'since' | 'until'): View =>
    html`<label>
      ${t(`values.${name}`)}
      <input
        type=${name === 'since' || name === 'until' ? 'date' : 'text'}
        list=${name === 'to' ? `${id}-words` : undefined}
        required=${name === 'from' || name === 'to'}
        value=${entry[name] ?? ''}
        onInput=${(event: Event) =>
          setEntry(withField(entry, name, (event.currentTarget as HTMLInputElement).value))}
      />
    </label>`;
  const submit = (event: Event): void => {
    event.preventDefault();
    add(trimmed(entry));
    setEntry({ from: '', to: '' });
  };
  return html`<form class="add-entry" onSubmit=${submit}>
    ${field('from')}${field('to')}${field('source')}
    <details>
      <summary>${t('values.moreFields')}</summary>
      <div class="more-fields">${field('factor')}${field('article')}${field('since')}${field('until')}</div>
    </details>
    <datalist id=${`${id}-words`}>
      ${[...found.map(({ to }) => to), ...words].map((word) => html`<option key=${word} value=${word} />`)}
    </datalist>
    ${
      found.length > 0 &&
      html`<div class="candidate-list" role="group" aria-label=${t('mend.inOdoo')}>
        <span class="small">${t('mend.inOdoo')}</span>
        ${found
          .slice(0, 5)
          .map(
            ({ to, detail }) =>
              html`<button key=${to} type="button" class="quiet" onClick=${() => setEntry({ ...entry, to })}>
                <strong>${to}</strong> ${detail}
              </button>`,
          )}
      </div>`
    }
    <button type="submit">${t('values.add')}</button>
  </form>`;
}

const trimmed = (entry: Entry): Entry =>
  Object.fromEntries(Object.entries(entry).map(([key, text]) => [key, text.trim()])) as unknown as Entry;

function useCandidates(map: string, q: string): Candidates['rows'] {
  const [rows, setRows] = useState<Candidates['rows']>([]);
  const asked = map && q.trim() !== '' && may('crossdock.replay') ? q.trim() : '';
  useEffect(() => {
    if (!asked) return setRows([]);
    let over = false;
    const query = new URLSearchParams({ map, q: asked }).toString();
    const timer = setTimeout(() => {
      // Without Odoo the entry is written by hand.
      get<Candidates>(`/mend/candidates?${query}`).then(
        (found) => !over && setRows(found.rows),
        () => !over && setRows([]),
      );
    }, 300);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [map, asked]);
  return rows;
}
