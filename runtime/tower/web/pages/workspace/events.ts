/** `/workspace/events`: all events, and a new one from a message. */
import type { EventRow } from '../../../../workspace/events.ts';
import { post, type ApiError } from '../../kit/api.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { navigate, useFilter } from '../../kit/route.ts';
import { may, useMe } from '../../kit/session.ts';
import { Table, type Column } from '../../kit/table.ts';
import { t } from '../../kit/text.ts';
import { begin } from '../../workspace/save.ts';

export const page: Page = {
  path: '/workspace/events',
  nav: { text: 'events.nav', order: 30 },
  view() {
    const { data, error, refresh } = usePolled<{ rows: EventRow[] }>('/events', 30);
    const [{ find, new: wanted }, setFilter] = useFilter('find', 'new');
    const me = useMe();
    const sought = find.trim().toLowerCase();
    const rows = data?.rows.filter((row) => Object.values(row).join(' ').toLowerCase().includes(sought));
    const columns: Column<EventRow>[] = [
      { id: 'type', text: t('events.type'), value: ({ type }) => type },
      { id: 'summary', text: t('events.summary'), value: ({ summary }) => summary },
      { id: 'owner', text: t('events.owner'), value: ({ owner }) => owner },
      { id: 'version', text: t('events.version'), value: ({ version }) => version },
    ];
    return html`<${Title} text=${t('events.nav')} />
      <p>${t('events.lead')}</p>
      <${Fault} error=${error} retry=${refresh} />
      ${data && me?.authored && may('crossdock.author') && html`<${NewEvent} key=${wanted} known=${data.rows.map(({ type }) => type)} wanted=${wanted} />`}
      <p class="filters">
        <label
          >${t('events.find')}
          <input
            type="search"
            value=${find}
            onInput=${(event: Event) => setFilter({ find: (event.currentTarget as HTMLInputElement).value })}
        /></label>
      </p>
      ${
        rows
          ? html`<${Table}
              caption=${t('events.nav')}
              columns=${columns}
              rows=${rows}
              rowKey=${({ type }: EventRow) => type}
              href=${({ type }: EventRow) => `/workspace/events/${type}`}
              empty=${t('events.none')}
            />`
          : html`<${Loading} />`
      }`;
  },
};

/** `wanted`: a type that somebody came with. */
function NewEvent({ known, wanted }: { known: readonly string[]; wanted: string }): View {
  const [type, setType] = useState(wanted);
  const [owner, setOwner] = useState('');
  const [summary, setSummary] = useState('');
  const [text, setText] = useState('');
  const [failed, fail] = useState<ApiError>();
  const typed = (event: Event): string => (event.currentTarget as HTMLInputElement).value;
  const taken = known.includes(type.trim());
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    fail(undefined);
    try {
      const name = type.trim();
      await propose({ name, owner: owner.trim(), summary: summary.trim() }, text.trim());
      navigate(`/workspace/events/${name}`);
    } catch (error) {
      fail(error as ApiError);
    }
  };
  return html`<details class="panel" open=${wanted !== ''}>
    <summary>${t('events.new')}</summary>
    <form class="add-entry" onSubmit=${make}>
      <label
        >${t('events.type')}
        <input
          required
          pattern="[a-z][a-z0-9\\-]*([.][a-z][a-z0-9\\-]*)+[.]v[1-9][0-9]*"
          title=${t('events.typeHelp')}
          value=${type}
          onInput=${(event: Event) => setType(typed(event))}
      /></label>
      <label
        >${t('events.owner')}
        <input
          required
          pattern="[a-z][a-z0-9\\-]*"
          value=${owner}
          onInput=${(event: Event) => setOwner(typed(event))}
      /></label>
      <label
        >${t('events.summary')}
        <input required value=${summary} onInput=${(event: Event) => setSummary(typed(event))}
      /></label>
      <label class="wide"
        >${t('events.sample')}
        <textarea
          rows="6"
          spellcheck=${false}
          value=${text}
          onInput=${(event: Event) => setText(typed(event))}
        ></textarea>
      </label>
      <p class="small">${t('events.typeHelp')} ${t('events.sampleHelp')}</p>
      ${taken && html`<p class="fault" role="alert">${t('events.taken')}</p>`}
      <${Fault} error=${failed} />
      <button type="submit" disabled=${taken}>${t('events.propose')}</button>
    </form>
  </details>`;
}

/** Begins the files of the event and of its schema, which fits the message. */
async function propose(
  event: { name: string; owner: string; summary: string },
  message: string,
): Promise<void> {
  const { name, owner, summary } = event;
  const short = name.replace(/[.]/g, '-').replace(/-(v\d+)$/, '.$1');
  const { schema } = await post<{ schema: object }>('/events/propose', { text: message || '{}' });
  begin(`definitions/schemas/${short}.json`, {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:crossdock:schema:${short}`,
    title: summary,
    ...schema,
  });
  begin(`definitions/events/${name}.yaml`, {
    type: name,
    version: `${/v(\d+)$/.exec(name)?.[1] ?? 1}.0.0`,
    owner,
    summary,
    schema: `../schemas/${short}.json`,
    compatibility: 'backward',
  });
}
