/** `/workspace/events/:name`: an event, its schema, what a change of it breaks, and the flows at both ends. */
import type { FlowMap } from '../../../../workspace/flow-map.ts';
import type { EventRow, Verdict } from '../../../../workspace/events.ts';
import { post, type ApiError } from '../../kit/api.ts';
import { Code } from '../../kit/code.ts';
import { html, useEffect, useState, type View } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { may, useMe } from '../../kit/session.ts';
import { t } from '../../kit/text.ts';
import { useUnreadable } from '../../kit/unreadable.ts';
import { EventHead, type EventFile } from '../../workspace/events/head.ts';
import { SchemaFields, type Schema } from '../../workspace/events/schema.ts';
import { useFile, type EditedFile } from '../../workspace/save.ts';
import { SaveBar } from '../../workspace/savebar.ts';

export const page: Page = {
  path: '/workspace/events/:name',
  view({ params: { name = '' } }) {
    const file = useFile(`definitions/events/${name}.yaml`);
    const event = file?.value as EventFile | undefined;
    const path = event?.schema?.replace(/^\.\.\//, 'definitions/');
    const schema = useFile(path);
    const readonly = !useMe()?.authored || !may('crossdock.author');
    const judged = useVerdict(schema);
    if (!file?.base) return html`<${Title} text=${name} /><${Fault} error=${file?.error} /><${Loading} />`;
    if (!event)
      return html`<${Title} text=${name} />
        <p class="fault">${t('events.unknown')}</p>`;
    const broken = judged?.broken ?? [];
    return html`<${Title} text=${name} kind=${t('events.one')} />
      <${Ends} event=${name} />
      <section class="panel">
        <h2>${t('events.head')}</h2>
        <${EventHead} event=${event} readonly=${readonly} change=${file.changeValue} />
      </section>
      <section class="panel">
        <h2>${t('events.schema')}</h2>
        ${schema && path && html`<${SchemaPanel} file=${schema} name=${name} ...${{ readonly, path }} />`}
        <${Judged} verdict=${judged} changed=${schema?.dirty ?? false} />
      </section>
      <${SaveBar}
        files=${[file, schema]}
        blocked=${broken.length > 0 ? t('events.blocked') : judged?.invalid && t('events.noSchema')}
      />`;
  },
};

interface PanelProps {
  file: EditedFile;
  name: string;
  path: string;
  readonly: boolean;
}

function SchemaPanel({ file, name, path, readonly }: PanelProps): View {
  const [raw, setRaw] = useState(false);
  const { data } = usePolled<{ rows: EventRow[] }>('/events', 60);
  const others = data?.rows.filter((row) => row.schema === path && row.type !== name) ?? [];
  const value = file.value as Schema | undefined;
  if (!file.base) return html`<${Fault} error=${file.error} /><${Loading} />`;
  return html`<p class="small"><code>${path}</code></p>
    ${others.length > 0 && html`<p class="notice">${t('events.shared', { events: others.map(({ type }) => type).join(', ') })}</p>`}
    <p>
      <label><input type="checkbox" checked=${raw} onChange=${() => setRaw(!raw)} /> ${t('form.raw')}</label>
    </p>
    ${
      raw || !value
        ? html`<${RawSchema} file=${file} readonly=${readonly} />`
        : html`<${SchemaFields} schema=${value} path="" readonly=${readonly} change=${file.changeValue} />`
    }`;
}

/** Typed text counts once it is JSON; a text that is typed leaves the rest of the file as it is written. */
function RawSchema({ file, readonly }: { file: EditedFile; readonly: boolean }): View {
  const inFile = file.base?.value === file.value ? file.text : JSON.stringify(file.value, null, 2);
  const [text, setText] = useState(inFile);
  const [wrong, setWrong] = useState(false);
  const reset = (): void => {
    setText(inFile);
    setWrong(false);
  };
  useUnreadable(wrong, reset);
  // Saved, or undone.
  useEffect(() => void (file.dirty || reset()), [file.dirty, file.base]);
  const input = (next: string): void => {
    setText(next);
    try {
      file.changeValue(JSON.parse(next) as unknown);
      setWrong(false);
    } catch {
      setWrong(true);
    }
  };
  return html`<${Code}
      value=${text}
      onChange=${input}
      language="json"
      label=${t('events.schema')}
      readonly=${readonly}
      class="tall"
    />
    ${wrong && html`<p class="fault" role="alert">${t('form.notJson')}</p>`}`;
}

const pauseMs = 200;

/** Undefined while nothing is changed. */
function useVerdict(file: EditedFile | undefined): Verdict | undefined {
  const [found, setFound] = useState<Verdict>();
  const asked = file?.dirty ? JSON.stringify({ path: file.path, schema: file.value }) : '';
  useEffect(() => {
    if (!asked) return setFound(undefined);
    let over = false;
    const timer = setTimeout(() => {
      post<Verdict>('/events/verdict', JSON.parse(asked)).then(
        (next) => !over && setFound(next),
        (error: ApiError) => !over && setFound({ invalid: error.message, broken: [] }),
      );
    }, pauseMs);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [asked]);
  return asked ? found : undefined;
}

function Judged({ verdict, changed }: { verdict: Verdict | undefined; changed: boolean }): View {
  if (!changed || !verdict) return null;
  if (verdict.invalid)
    return html`<p class="fault" role="alert">${t('events.noSchema')} ${verdict.invalid}</p>`;
  if (verdict.broken.length === 0) return html`<p class="notice done" role="status">${t('events.fits')}</p>`;
  return html`<div class="fault" role="alert">
    <p>${t('events.breaks')}</p>
    <ul>
      ${verdict.broken.map(({ type, why }) => html`<li key=${type + why}><strong>${type}</strong> ${why}</li>`)}
    </ul>
    <p>${t('events.breaksHelp')}</p>
  </div>`;
}

function Ends({ event }: { event: string }): View {
  const { data } = usePolled<FlowMap>('/map', 60);
  const passage = data?.passages.find((one) => one.event === event);
  if (!data) return null;
  const list = (flows: readonly string[]): string => [...new Set(flows)].join(', ') || t('events.nobody');
  return html`<dl class="facts">
    <dt>${t('events.publishes')}</dt>
    <dd>${list(passage?.from ?? [])}</dd>
    <dt>${t('events.consumes')}</dt>
    <dd>${list(passage?.to.map(({ flow }) => flow) ?? [])}</dd>
  </dl>`;
}
