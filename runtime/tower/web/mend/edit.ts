/** Editing the data of a message: the form, then what would change, then it is sent. */
import type { Checked, LetterData } from '../../letters.ts';
import { get, post, type ApiError } from '../kit/api.ts';
import { html, useEffect, useState, type View } from '../kit/html.ts';
import { Fault, Loading } from '../kit/page.ts';
import { t } from '../kit/text.ts';
import { ChangesTable } from './changes.ts';
import { useAnyUnreadable } from '../kit/unreadable.ts';
import { FormField, type Wrong } from './form.ts';
import { JsonField } from './json.ts';
import { valueAt, type Json } from './values.ts';

interface EditProps {
  id: string;
  onSent(): void;
  onCancel(): void;
}

export function EditData({ id, onSent, onCancel }: EditProps): View {
  const [known, setKnown] = useState<LetterData>();
  const [failed, fail] = useState<ApiError>();
  useEffect(() => {
    get<LetterData>(`/letters/data?id=${encodeURIComponent(id)}`).then(setKnown, fail);
  }, [id]);
  if (failed) return html`<${Fault} error=${failed} />`;
  return known ? html`<${Editor} ...${{ id, known, onSent, onCancel }} />` : html`<${Loading} />`;
}

function Editor({ id, known, onSent, onCancel }: EditProps & { known: LetterData }): View {
  const [data, setData] = useState(known.data as Json);
  const [raw, setRaw] = useState(known.form === undefined);
  const unreadable = useAnyUnreadable();
  const [checked, setChecked] = useState<Checked>();
  const [failed, fail] = useState<ApiError>();
  const [wrong, setWrong] = useState<Wrong | undefined>(known.wrong);
  const change = (next: Json): void => {
    setData(next);
    setChecked(undefined);
    // What was changed where it was wrong is looked at with the next check.
    if (wrong && valueAt(next, wrong.path) !== valueAt(data, wrong.path)) setWrong(undefined);
  };
  const ask = async (what: 'check' | 'edit'): Promise<void> => {
    fail(undefined);
    try {
      const answer = await post<Checked>(`/letters/${what}`, { id, lastFailed: known.lastFailed, data });
      if (what === 'edit') return onSent();
      setChecked(answer);
      setWrong(answer.wrong);
    } catch (error) {
      fail(error as ApiError);
    }
  };
  return html`<section class="panel edit" aria-label=${t('letter.edit')}>
    <h2>${t('letter.edit')}</h2>
    <${Where} wrong=${wrong} />
    ${
      known.form
        ? html`<p>
            <label
              ><input type="checkbox" checked=${raw} onChange=${() => setRaw(!raw)} /> ${t('form.raw')}</label
            >
          </p>`
        : html`<p class="notice">${t('form.noSchema')}</p>`
    }
    ${
      raw || !known.form
        ? html`<${JsonField} field=${{ title: '' }} value=${data} path="" rows=${24} change=${change} />`
        : html`<${FormField} field=${known.form} value=${data} path="" wrong=${wrong} change=${change} />`
    }
    ${checked && html`<${Changes} checked=${checked} />`}
    <${Fault} error=${failed} />
    <p class="buttons">
      ${
        checked && !unreadable && !checked.wrong && checked.changes.length > 0
          ? html`<button type="button" class="primary" onClick=${() => ask('edit')}>
              ${t('letter.send')}
            </button>`
          : html`<button type="button" class="primary" disabled=${unreadable} onClick=${() => ask('check')}>
              ${t('letter.check')}
            </button>`
      }
      <button type="button" onClick=${onCancel}>${t('letter.cancel')}</button>
    </p>
  </section>`;
}

/** Names the wrong field, and leads to it. */
function Where({ wrong }: { wrong: Wrong | undefined }): View {
  if (!wrong) return null;
  const go = (): void =>
    document.querySelector<HTMLElement>(`.edit [data-path="${CSS.escape(wrong.path)}"]`)?.focus();
  return html`<p class="fault" role="status">
    <button type="button" class="link" onClick=${go}>${wrong.path || t('form.whole')}</button>
    ${' '}${wrong.message}
  </p>`;
}

function Changes({ checked: { changes } }: { checked: Checked }): View {
  if (changes.length === 0) return html`<p class="notice" role="status">${t('letter.noChange')}</p>`;
  return html`<${ChangesTable} changes=${changes} />`;
}
