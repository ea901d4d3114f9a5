/** The message that is tried: one that is there, or a pasted one. */
import { Code } from '../../kit/code.ts';
import { number } from '../../kit/format.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';
import { ChooseMessage, idOf, type Message } from './choose-message.ts';

interface MessageProps {
  cases: readonly Message[];
  message: Message;
  onChange(message: Message): void;
}

const megabyte = 1_000_000;
/** The hub takes larger ones; an editor in a browser is no place for them. */
const most = 2 * megabyte;

export function MessageChoice({ cases, message, onChange }: MessageProps): View {
  const [typed, type] = useState(message.message);
  const [chosen, choose] = useState(message.case === undefined ? '' : idOf(message));
  const [wrong, setWrong] = useState('');
  const [refused, refuse] = useState(0);
  const take = (next: Message, id: string): void => {
    if (next.message.length > most) {
      const size = number(next.message.length / megabyte, 1);
      refuse(refused + 1);
      return setWrong(t('studio.tooLarge', { size, most: most / megabyte }));
    }
    type(next.message);
    choose(id);
    setWrong(isJson(next.message) ? '' : t('studio.notJson'));
    if (isJson(next.message)) onChange(next);
  };
  const { case: _, ...own } = message;
  return html`<section aria-label=${t('studio.message')}>
    <h2>${t('studio.message')}</h2>
    <${ChooseMessage} cases=${cases} chosen=${chosen} take=${take} />
    ${wrong && html`<p class="fault" role="alert">${wrong}</p>`}
    <${Code}
      key=${refused}
      class="studio-code"
      value=${typed}
      onChange=${(text: string) => take({ ...own, message: text }, '')}
      language="json"
      label=${t('studio.message')}
    />
    ${
      message.bindings &&
      html`<details>
        <summary>${t('studio.variables')}</summary>
        <pre>${message.bindings}</pre>
      </details>`
    }
  </section>`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
