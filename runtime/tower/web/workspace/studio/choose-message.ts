/** Where a message is taken from: a choice among test cases, samples and the last webhooks. */
import type { ApiError } from '../../kit/api.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault } from '../../kit/page.ts';
import { t } from '../../kit/text.ts';
import { useSources, type Source } from './sources.ts';

export interface Message {
  case?: string;
  /** JSON. */
  message: string;
  bindings?: string;
}

interface ChooseProps {
  cases: readonly Message[];
  /** The id of what was chosen; empty for what is pasted. */
  chosen: string;
  take(message: Message, id: string): void;
}

export const idOf = ({ case: title = '' }: Message): string => `case ${title}`;

export function ChooseMessage({ cases, chosen, take }: ChooseProps): View {
  const { samples, seen } = useSources();
  const [failed, fail] = useState<ApiError>();
  const choose = (event: Event): void => {
    const { value } = event.currentTarget as HTMLSelectElement;
    const found = cases.find((one) => idOf(one) === value);
    const source = [...samples, ...seen].find(({ id }) => id === value);
    fail(undefined);
    if (found) take(found, value);
    else source?.load().then((message) => take({ message }, value), fail);
  };
  const group = (label: string, options: readonly Pick<Source, 'id' | 'text'>[]): View =>
    options.length > 0 &&
    html`<optgroup label=${label}>
      ${options.map(({ id, text }) => html`<option key=${id} value=${id}>${text}</option>`)}
    </optgroup>`;
  return html`<p>
      <label class="wide"
        >${t('studio.from')}
        <select value=${chosen} onChange=${choose}>
          <option value="">${t('studio.pasted')}</option>
          ${group(
            t('studio.tests'),
            cases.map((one) => ({ id: idOf(one), text: one.case ?? '' })),
          )}
          ${group(t('samples.kept'), samples)}${group(t('samples.seen'), seen)}
        </select>
      </label>
    </p>
    <${Fault} error=${failed} />`;
}
