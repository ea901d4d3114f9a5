/** Whether the chain is whole, what each place outside has of it, and a file of its rows. */
import type { ChainView } from '../../../node-red/tower/audit.ts';
import { hrefOf } from '../kit/address.ts';
import { file, post, type ApiError } from '../kit/api.ts';
import { ago, dateTime, number } from '../kit/format.ts';
import { html, useState, type View } from '../kit/html.ts';
import { Fault, Loading } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { saveAs, Table, type Column } from '../kit/table.ts';
import { t } from '../kit/text.ts';

type SinkView = ChainView['places'][number];

export function Chain(): View {
  const [seconds, setSeconds] = useState(15);
  const { data, error, refresh } = usePolled<ChainView>('/audit/chain', seconds);
  const [failed, setFailed] = useState<ApiError | undefined>(undefined);
  const verify = async (): Promise<void> => {
    setFailed(undefined);
    await post('/audit/verify').catch((error: unknown) => setFailed(error as ApiError));
    await refresh();
  };
  const due = data?.running ? 1 : 15;
  if (due !== seconds) setSeconds(due);
  return html`<section>
    <h2>${t('audit.chain')}</h2>
    <${Fault} error=${error ?? failed} retry=${refresh} />
    ${!data && !error && html`<${Loading} />`}
    ${data && html`<${State} view=${data} verify=${verify} /><${Places} view=${data} />`}
  </section>`;
}

function State({ view, verify }: { view: ChainView; verify(): Promise<void> }): View {
  const { last, verified, running, broken } = view;
  return html`<div class="panel audit-chain">
    <p><strong>${t('audit.length', { count: last.sequence })}</strong></p>
    ${broken && html`<p class="fault" role="alert">${t('audit.broken', { row: broken.row, since: dateTime(broken.since) })}</p>`}
    <${Verified} verified=${verified} />
    <button type="button" disabled=${running} onClick=${verify}>
      ${running ? t('audit.verifying') : t('audit.verify')}
    </button>
  </div>`;
}

function Verified({ verified }: { verified: ChainView['verified'] }): View {
  if (!verified) return html`<p>${t('audit.neverVerified')}</p>`;
  const { at, by, last, agreed, compared, bad, more = [], earlier } = verified;
  const when = { at: dateTime(at), ago: ago(at), by, row: number(last.sequence) };
  if (!bad)
    return html`<p><span class="badge good">✓</span> ${t('audit.whole', when)}</p>
      <p class="small">
        ${compared > 0 ? t('audit.agreed', { count: agreed, of: compared }) : t('audit.notCompared')}
      </p>
      ${
        earlier &&
        html`<p class="notice">
          <a href=${`/tower/audit/${earlier.sequence}`}
            >${t('audit.backdated', { row: number(earlier.sequence) })}</a
          >
        </p>`
      }`;
  return html`<div class="fault" role="alert">
    <p>${t('audit.notWhole', { ...when, row: number(bad.sequence) })}</p>
    <ul>
      ${[bad, ...more].map(
        ({ sequence, is }) =>
          html`<li key=${`${sequence} ${is}`}>
            <a href=${`/tower/audit/${sequence}`}>${t('audit.rowIs', { row: number(sequence) })}</a>
            ${' '}${t(`audit.found-${is}`)}
          </li>`,
      )}
    </ul>
  </div>`;
}

function Places({ view: { places, outside } }: { view: ChainView }): View {
  if (!outside) return html`<p class="notice">${t('audit.noPlace')}</p>`;
  const columns: Column<SinkView>[] = [
    { id: 'name', text: t('audit.place'), value: ({ name }) => name },
    {
      id: 'sent',
      text: t('audit.lastSent'),
      value: ({ sent }) => sent?.sequence,
      view: ({ sent }) =>
        sent
          ? html`<a href=${`/tower/audit/${sent.sequence}`}>${number(sent.sequence)}</a>, ${dateTime(sent.at)}`
          : t('audit.nothingSent'),
    },
    {
      id: 'agrees',
      text: t('audit.agrees'),
      value: ({ agrees }) => (agrees === undefined ? '' : String(agrees)),
      view: ({ agrees }) =>
        agrees === undefined
          ? '–'
          : html`<span class=${`badge ${agrees ? 'good' : 'bad'}`}
              >${t(agrees ? 'audit.doesAgree' : 'audit.differs')}</span
            >`,
    },
    {
      id: 'failed',
      text: t('audit.takes'),
      value: ({ failed }) => failed?.code,
      view: ({ failed }) =>
        failed
          ? html`${t('audit.awaySince', { since: dateTime(failed.since), count: failed.tries })}${' '}
              <a href=${`/tower/codes/${failed.code}`}>${failed.code}</a>`
          : t('audit.reachable'),
    },
  ];
  return html`<${Table}
    caption=${t('audit.places')}
    columns=${columns}
    rows=${places}
    rowKey=${({ name }: SinkView) => name}
    empty=${t('audit.noPlace')}
    sortAs="places"
  />`;
}

/** What is asked for, as a file. The hub writes a row about it first. */
export function Export({ asked }: { asked: Record<string, string> }): View {
  const [failed, setFailed] = useState<ApiError | undefined>(undefined);
  const take = async (format: 'csv' | 'ndjson'): Promise<void> => {
    setFailed(undefined);
    try {
      saveAs(`audit.${format}`, await file(hrefOf('/audit/export', { ...asked, format })));
    } catch (error) {
      setFailed(error as ApiError);
    }
  };
  return html`<button type="button" onClick=${() => take('ndjson')}>${t('audit.ndjson')}</button>
    <button type="button" onClick=${() => take('csv')}>${t('audit.csv')}</button>
    <${Fault} error=${failed} />`;
}
