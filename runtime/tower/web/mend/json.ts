/** Data as JSON, for what a form cannot show. */
import { html, useEffect, useId, useState, type View } from '../kit/html.ts';
import { t } from '../kit/text.ts';
import { useUnreadable } from '../kit/unreadable.ts';
import type { Json } from './values.ts';

interface JsonProps {
  field: { title: string };
  value: Json;
  path: string;
  /** What is wrong with it, where the hub says so. */
  message?: string | undefined;
  rows?: number;
  change(value: Json): void;
}

export function JsonField({ field, value, path, message, rows = 4, change }: JsonProps): View {
  const id = useId();
  const [typed, type] = useState(textOf(value));
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    // Changed from elsewhere, and not by what is typed here.
    if (!broken && textOf(parsed(typed)?.value) !== textOf(value)) type(textOf(value));
  }, [value]);
  useUnreadable(broken, () => {
    type(textOf(value));
    setBroken(false);
  });
  const input = (event: Event): void => {
    const text = (event.currentTarget as HTMLTextAreaElement).value;
    const read = parsed(text);
    type(text);
    setBroken(!read);
    if (read) change(read.value);
  };
  const wrong = broken ? t('form.notJson') : message;
  return html`<div class="form-field form-json">
    <label for=${id}>${field.title || t('form.whole')}</label>
    <textarea
      id=${id}
      rows=${rows}
      spellcheck=${false}
      data-path=${path}
      aria-invalid=${wrong ? 'true' : undefined}
      aria-describedby=${wrong ? `${id}-wrong` : undefined}
      value=${typed}
      onInput=${input}
    ></textarea>
    <${Message} id=${`${id}-wrong`} text=${wrong} />
  </div>`;
}

export function Message({ id, text }: { id?: string; text: string | undefined }): View {
  return text ? html`<span id=${id} class="form-wrong">${text}</span>` : null;
}

const textOf = (value: Json): string => (value === undefined ? '' : JSON.stringify(value, null, 2));

/** Empty text: it is not there. Undefined where it is no JSON. */
function parsed(text: string): { value: Json } | undefined {
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}
