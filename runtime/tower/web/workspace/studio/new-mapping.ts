/** A new mapping: its name, what it gives, and a message from which a draft is proposed. */
import { hrefOf } from '../../kit/address.ts';
import { post, type ApiError } from '../../kit/api.ts';
import { Code } from '../../kit/code.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { navigate } from '../../kit/route.ts';
import { t } from '../../kit/text.ts';
import { beginText } from '../save.ts';
import { beginWith } from './begun.ts';
import { ChooseMessage, type Message } from './choose-message.ts';

const folder = 'definitions/schemas';

interface NewProps {
  known: readonly string[];
  /** A name that somebody came with. */
  wanted: string;
}

export function NewMapping({ known, wanted }: NewProps): View {
  const [name, setName] = useState(wanted);
  const [schema, setSchema] = useState('order.v1');
  const [message, setMessage] = useState('');
  const [chosen, choose] = useState('');
  const [failed, fail] = useState<ApiError>();
  const { data } = usePolled<{ paths: string[] }>(`/files?under=${folder}`, 600);
  const schemas = data?.paths.map((path) => path.slice(folder.length + 1).replace(/\.json$/, '')) ?? [];
  const taken = known.includes(name.trim());
  const take = (next: Message, id: string): void => {
    setMessage(next.message);
    choose(id);
  };
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    fail(undefined);
    const called = name.trim();
    try {
      const asked = { name: called, schema, message: message.trim() || '{}' };
      const { text } = await post<{ text: string }>('/studio/draft', asked);
      beginText(`definitions/mappings/${called}.jsonata`, text);
      beginWith(called, asked.message);
      navigate(hrefOf(`/workspace/mappings/${encodeURIComponent(called)}`, { schema }));
    } catch (error) {
      fail(error as ApiError);
    }
  };
  return html`<details class="panel" open=${wanted !== ''}>
    <summary>${t('studio.new')}</summary>
    <form class="add-entry" onSubmit=${make}>
      <label
        >${t('studio.name')}
        <input
          required
          pattern="[A-Za-z0-9][A-Za-z0-9_.\\-]{0,99}"
          title=${t('studio.nameHelp')}
          value=${name}
          onInput=${(event: Event) => setName((event.currentTarget as HTMLInputElement).value)}
      /></label>
      <label
        >${t('studio.target')}
        <select
          value=${schema}
          onChange=${(event: Event) => setSchema((event.currentTarget as HTMLSelectElement).value)}
        >
          ${schemas.map((one) => html`<option key=${one} value=${one}>${one}</option>`)}
        </select>
      </label>
      <div class="wide"><${ChooseMessage} cases=${[]} chosen=${chosen} take=${take} /></div>
      <div class="wide">
        <${Code}
          class="low"
          value=${message}
          onChange=${(next: string) => take({ message: next }, '')}
          language="json"
          label=${t('studio.sample')}
        />
      </div>
      <p class="small">${t('studio.nameHelp')} ${t('studio.newHelp')}</p>
      ${taken && html`<p class="fault" role="alert">${t('studio.taken')}</p>`}
      <${Fault} error=${failed} />
      <button type="submit" disabled=${taken}>${t('studio.draft')}</button>
    </form>
  </details>`;
}
