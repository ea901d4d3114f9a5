/** A gap of a value map, and how a person fills it: what the partner said, what Odoo has, and the entry. */
import type { GapView } from '../../gap.ts';
import type { Mended } from '../../mend.ts';
import { get, post, type ApiError } from '../kit/api.ts';
import { ago } from '../kit/format.ts';
import { html, useEffect, useState, type View } from '../kit/html.ts';
import { Fault, Loading } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { may } from '../kit/session.ts';
import { t } from '../kit/text.ts';
import { Choice } from './choice.ts';

interface GapProps {
  /** Of the exception. */
  id: string;
  /** What was done here. */
  mended: Mended | undefined;
  onMended(mended: Mended): void;
}

export function Gap({ id, mended, onMended }: GapProps): View {
  const { data: gap, error, refresh } = usePolled<GapView>(`/mend/gap?id=${encodeURIComponent(id)}`);
  const places = useContext(id);
  if (!gap) return error ? html`<${Fault} error=${error} />` : html`<${Loading} />`;
  const done = (result: Mended): void => {
    onMended(result);
    void refresh();
  };
  return html`<section class="panel gap">
    <h2>${t('mend.title')}</h2>
    <p>
      ${gap.entry ? t('mend.inMap', { map: gap.map }) : t('mend.noEntry', { map: gap.map })}${' '}<strong
        class="value"
        >${gap.value}</strong
      >${' '} ${gap.source && t('mend.from', { source: gap.source })}
      ${gap.article && t('mend.article', { article: gap.article })}
    </p>
    <p class="small">${t('mend.about', { owner: gap.owner, summary: gap.summary })}</p>
    ${gap.waiting > 1 && html`<p>${t('mend.waiting', { count: gap.waiting })}</p>`}
    ${gap.ledFrom.length > 0 && html`<p class="notice">${t('mend.ledFrom', { from: gap.ledFrom.join(', '), value: gap.value })}</p>`}
    <${Context} places=${places} />
    ${mended && html`<${Result} mended=${mended} />`}
    ${mended?.proposal.state !== 'live' && html`<${State} gap=${gap} refresh=${refresh} />`}
    ${!mended && !gap.entry && !gap.proposal && html`<${Entry} ...${{ id, gap, done, refresh, names: namesIn(places) }} />`}
  </section>`;
}

interface ValueContext {
  path: string;
  fields: [string, string][];
}

/** Where the value stands in the message: for those who may see its data. */
function useContext(id: string): ValueContext[] {
  const [rows, setRows] = useState<ValueContext[]>([]);
  useEffect(() => {
    if (!may('crossdock.data')) return;
    get<{ rows: ValueContext[] }>(`/mend/context?id=${encodeURIComponent(id)}`).then(
      (answer) => setRows(answer.rows),
      () => setRows([]),
    );
  }, [id]);
  return rows;
}

/** What else it may be called in Odoo. */
function namesIn(places: readonly ValueContext[]): string[] {
  const fields = places.flatMap((place) => place.fields);
  const said = fields.flatMap(([name, value]) => (/^(name|title|barcode)$/i.test(name) ? [value] : []));
  return [...new Set(said)].slice(0, 3);
}

function Context({ places }: { places: readonly ValueContext[] }): View {
  return html`${places.map(
    ({ path, fields }) =>
      html`<dl class="facts" key=${path} aria-label=${t('mend.context')}>
        ${fields.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>`,
  )}`;
}

function State({ gap: { entry, proposal }, refresh }: { gap: GapView; refresh(): Promise<void> }): View {
  const [failed, fail] = useState<ApiError>();
  if (entry) return html`<p class="notice" role="status">${t('mend.hasEntry', { to: entry.to })}</p>`;
  if (!proposal) return null;
  const { made_by: by, target: to, made, id } = proposal;
  const withdraw = async (): Promise<void> => {
    try {
      await post('/mend/withdraw', { id });
    } catch (error) {
      fail(error as ApiError);
    }
    await refresh();
  };
  return html`<div class="notice" role="status">
    <p>${t('mend.proposed', { by, to, when: ago(made) })} <a href="/tower/proposals">${t('mend.all')}</a></p>
    <${Fault} error=${failed} />
    ${may('crossdock.replay') && html`<button type="button" onClick=${withdraw}>${t('mend.withdraw')}</button>`}
  </div>`;
}

interface EntryProps {
  id: string;
  gap: GapView;
  names: readonly string[];
  done(mended: Mended): void;
  refresh(): Promise<void>;
}

function Entry({ id, gap, names, done, refresh }: EntryProps): View {
  const { map, value, source, article, atOnce } = gap;
  const [to, setTo] = useState('');
  const [factor, setFactor] = useState('');
  const [only, setOnly] = useState({ source: map === 'product' && source !== '', article: article !== '' });
  const [busy, setBusy] = useState(false);
  const [failed, fail] = useState<ApiError>();
  if (!may('crossdock.replay')) return html`<p class="notice">${t('mend.mayNot')}</p>`;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    fail(undefined);
    const of = { source: only.source ? source : '', article: only.article ? article : '' };
    const entry = { map, value, ...of, to: to.trim(), ...(factor && { factor }), letter: id };
    try {
      done(await post<Mended>('/mend/proposals', entry));
    } catch (error) {
      fail(error as ApiError);
      setBusy(false);
      // Somebody else may have filled it.
      void refresh();
    }
  };
  const check = (key: 'source' | 'article', text: string): View =>
    html`<label>
      <input type="checkbox" checked=${only[key]} onChange=${() => setOnly({ ...only, [key]: !only[key] })} />
      ${text}
    </label>`;
  return html`<form class="entry" onSubmit=${submit}>
    <${Choice} ...${{ gap, names, to, choose: setTo }} />
    ${
      map === 'uom' &&
      html`<label class="wide">
        ${t('mend.factor')}
        <input
          inputmode="decimal"
          value=${factor}
          onInput=${(event: Event) => setFactor((event.currentTarget as HTMLInputElement).value)}
        />
      </label>`
    }
    ${source !== '' && check('source', t('mend.onlySource', { source }))}
    ${article !== '' && check('article', t('mend.onlyArticle', { article }))}
    <${Fault} error=${failed} />
    <p class="buttons">
      <button class="primary" disabled=${busy || to.trim() === ''}>
        ${busy ? t('mend.busy') : atOnce ? t('mend.put') : t('mend.propose')}
      </button>
    </p>
    <p class="small">${atOnce ? t('mend.atOnce') : t('mend.byRelease')}</p>
  </form>`;
}

function Result({ mended: { proposal, goOn } }: { mended: Mended }): View {
  const text =
    proposal.state === 'live' ? t('mend.live', { count: goOn, to: proposal.target }) : t('mend.isProposed');
  return html`<p class="notice done" role="status">${text}</p>`;
}
