/** The messages of an order as they were, for those who may see data: fetched when somebody asks. */
import type { RawMessage } from '../../../order/exceptions.ts';
import { get, type ApiError } from '../../kit/api.ts';
import { dateTime } from '../../kit/format.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault } from '../../kit/page.ts';
import { t } from '../../kit/text.ts';

export function Messages({ path }: { path: string }): View {
  const [rows, setRows] = useState<readonly RawMessage[]>();
  const [error, setError] = useState<ApiError>();
  const load = async (event: Event): Promise<void> => {
    if (!(event.currentTarget as HTMLDetailsElement).open || rows) return;
    try {
      setRows((await get<{ rows: RawMessage[] }>(path)).rows);
      setError(undefined);
    } catch (failed) {
      setError(failed as ApiError);
    }
  };
  return html`<details class="panel messages" onToggle=${load}>
    <summary>${t('orders.messages')}</summary>
    <p class="small">${t('orders.messagesHelp')}</p>
    <${Fault} error=${error} />
    ${rows?.length === 0 && html`<p>${t('orders.noMessages')}</p>`}
    ${rows?.map(
      ({ time, from, message }) =>
        html`<section key=${`${from} ${message.id}`}>
          <h3>${message.type}</h3>
          <p class="small">${dateTime(time)}, ${t(`orders.message.${from}`)}</p>
          <pre tabindex="0">${JSON.stringify(message, null, 2)}</pre>
        </section>`,
    )}
  </details>`;
}
