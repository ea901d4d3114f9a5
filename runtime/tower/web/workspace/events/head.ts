/** What an event's file says beside its schema, as fields. */
import { html, useState, type View } from '../../kit/html.ts';
import { t, textOf } from '../../kit/text.ts';

export interface EventFile {
  type: string;
  version: string;
  owner: string;
  summary: string;
  schema: string;
  compatibility: string;
  keep?: string;
  irreversible?: boolean;
  booked?: string;
  becomes?: string;
  listeners?: string;
  names?: Record<string, string>;
}

const choices = {
  compatibility: ['backward', 'forward', 'full', 'none'],
  listeners: ['required', 'optional'],
  keep: ['all', 'newest'],
} as const;
type Choice = keyof typeof choices;
type Text = 'version' | 'owner' | 'summary' | 'booked' | 'becomes';

interface HeadProps {
  event: EventFile;
  readonly: boolean;
  change(event: EventFile): void;
}

export function EventHead({ event, readonly, change }: HeadProps): View {
  const put = (name: keyof EventFile, value: unknown): void => {
    const { [name]: _old, ...others } = event;
    change((value === '' || value === undefined ? others : { ...event, [name]: value }) as EventFile);
  };
  const text = (name: Text): View =>
    html`<label class=${name === 'summary' ? 'wide' : undefined}
      >${t(`events.${name}`)}
      <input
        value=${event[name] ?? ''}
        readonly=${readonly}
        onInput=${(one: Event) => put(name, (one.currentTarget as HTMLInputElement).value)}
    /></label>`;
  const choice = (name: Choice): View =>
    html`<label
      >${t(`events.${name}`)}
      <select
        value=${event[name] ?? choices[name][0]}
        disabled=${readonly}
        onChange=${(one: Event) => put(name, (one.currentTarget as HTMLSelectElement).value)}
      >
        ${choices[name].map((one) => html`<option key=${one} value=${one}>${textOf(`events.${name}-${one}`) ?? one}</option>`)}
      </select></label
    >`;
  return html`<div class="event-head">
      ${text('summary')}${text('owner')}${text('version')}${choice('compatibility')}${choice('listeners')}
      ${choice('keep')}${text('becomes')}${text('booked')}
      <label
        ><input
          type="checkbox"
          checked=${event.irreversible ?? false}
          disabled=${readonly}
          onChange=${() => put('irreversible', event.irreversible ? undefined : true)}
        />
        ${t('events.irreversible')}</label
      >
    </div>
    <${Names}
      names=${event.names ?? {}}
      readonly=${readonly}
      change=${(names: Record<string, string>) => put('names', Object.keys(names).length > 0 ? names : undefined)}
    />`;
}

interface NamesProps {
  names: Record<string, string>;
  readonly: boolean;
  change(names: Record<string, string>): void;
}

/** By what people find it in the search. */
function Names({ names, readonly, change }: NamesProps): View {
  const [kind, setKind] = useState('');
  const [place, setPlace] = useState('');
  const add = (event: Event): void => {
    event.preventDefault();
    change({ ...names, [kind.trim()]: place.trim() });
    setKind('');
    setPlace('');
  };
  const typed = (event: Event): string => (event.currentTarget as HTMLInputElement).value;
  return html`<fieldset class="name-list">
    <legend>${t('events.names')}</legend>
    <ul>
      ${Object.entries(names).map(
        ([one, at]) =>
          html`<li key=${one}>
            ${one}: <code>${at}</code>${' '}
            ${
              !readonly &&
              html`<button
                type="button"
                class="quiet"
                onClick=${() => change(Object.fromEntries(Object.entries(names).filter(([name]) => name !== one)))}
              >
                ${t('form.remove')}<span class="unseen"> ${one}</span>
              </button>`
            }
          </li>`,
      )}
    </ul>
    ${
      !readonly &&
      html`<form class="add-entry" onSubmit=${add}>
        <label
          >${t('events.nameKind')}
          <input required value=${kind} onInput=${(one: Event) => setKind(typed(one))}
        /></label>
        <label
          >${t('events.namePlace')}
          <input required value=${place} onInput=${(one: Event) => setPlace(typed(one))}
        /></label>
        <button type="submit">${t('events.addName')}</button>
      </form>`
    }
  </fieldset>`;
}
