/** The fourth step: each field of the canonical document and where it comes from, with the result at once. */
import type { Tried } from '../../../../workspace/partner/guide.ts';
import type { From, Row } from '../../../../workspace/partner/row.ts';
import { post, type ApiError } from '../../kit/api.ts';
import { html, useEffect, useState, type View } from '../../kit/html.ts';
import { Fault } from '../../kit/page.ts';
import { t } from '../../kit/text.ts';
import { choicesOf, typed, type Change, type Draft } from './draft.ts';
import { webhookPath } from '../../shared/naming.ts';
import { isNamed } from './who.ts';

/** What still waits for a person. */
export function openRows({ rows, from, looked }: Draft): Row[] {
  return rows.filter(({ target, state }) =>
    state === 'missing' ? !from[target] : state === 'check' && from[target] && !looked.includes(target),
  );
}

export function Mapping({ draft, change }: { draft: Draft; change: Change }): View {
  const [all, showAll] = useState(false);
  const shown = draft.rows.filter(
    ({ target, required, state }) => all || required || state !== 'none' || draft.from[target],
  );
  const open = openRows(draft);
  return html`<p role="status">
      ${open.length > 0 ? html`<span class="badge warning">${t('partner.open', { count: open.length })}</span>` : html`<span class="badge good">${t('partner.noneOpen')}</span>`}
    </p>
    <div class="table">
      <table class="partner-rows">
        <thead>
          <tr>
            <th scope="col">${t('partner.field')}</th>
            <th scope="col">${t('partner.from')}</th>
            <th scope="col">${t('partner.state')}</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map((row) => html`<${Line} key=${row.target} ...${{ row, draft, change }} />`)}
        </tbody>
      </table>
    </div>
    <p>
      <label>
        <input type="checkbox" checked=${all} onChange=${() => showAll(!all)} /> ${t('partner.all')}
      </label>
    </p>
    <${Result} draft=${draft} />`;
}

interface LineProps {
  row: Row;
  draft: Draft;
  change: Change;
}

function Line({ row, draft, change }: LineProps): View {
  const { target, title, required, state, why } = row;
  const from = draft.from[target];
  const isLooked = draft.looked.includes(target);
  const look = (): void =>
    change({
      looked: isLooked ? draft.looked.filter((one) => one !== target) : [...draft.looked, target],
    });
  const waits = state === 'missing' ? !from : state === 'check' && from !== undefined && !isLooked;
  return html`<tr class=${waits ? 'waits' : undefined}>
    <td data-label=${t('partner.field')}>
      <strong>${title}</strong>${required ? ' *' : ''}<br /><code class="small">${target}</code>
    </td>
    <td data-label=${t('partner.from')}><${Source} ...${{ row, draft, change }} /></td>
    <td data-label=${t('partner.state')}>
      ${state === 'missing' && !from && html`<span class="badge bad">${t('partner.missing')}</span>`}
      ${
        state === 'check' &&
        from &&
        html`<span class=${isLooked ? 'badge good' : 'badge warning'}
            >${t(isLooked ? 'partner.sure' : 'partner.check')}</span
          >
          <label class="partner-look">
            <input type="checkbox" checked=${isLooked} onChange=${look} /> ${t('partner.looked')}
            <span class="unseen">${title} ${target}</span>
          </label>`
      }
      ${state === 'sure' && from && html`<span class="badge good">${t('partner.sure')}</span>`}
      ${why && from && html`<br /><span class="small">${t(`partner.why-${why}`)}</span>`}
    </td>
  </tr>`;
}

function Source({ row, draft, change }: LineProps): View {
  const { target, title, choices } = row;
  // Always the partner itself.
  if (target === 'source') return html`<code>${draft.name}</code>`;
  const from = draft.from[target];
  const list = /^(.*)\[\]/.exec(target)?.[1];
  const listFrom = list === undefined ? undefined : draft.from[list];
  const within = listFrom && 'path' in listFrom ? listFrom.path : '';
  const paths = draft.paths.filter((one) => one.list === within);
  const set = (next: From | undefined): void => {
    const { [target]: _, ...others } = draft.from;
    // What a person chose, they have looked at.
    change({ from: next ? { ...others, [target]: next } : others, looked: [...draft.looked, target] });
  };
  const kind = !from ? '' : 'path' in from ? `path ${from.path}` : 'fixed' in from ? 'fixed' : 'expression';
  const choose = (event: Event): void => {
    const value = typed(event);
    if (value === '') set(undefined);
    else if (value === 'fixed') set({ fixed: '' });
    else if (value === 'expression') set({ expression: from && 'path' in from ? `$text(${from.path})` : '' });
    else set({ path: value.slice('path '.length) });
  };
  const known = !from || !('path' in from) || paths.some(({ path }) => path === from.path);
  return html`<select aria-label=${`${title} ${target}`} value=${kind} onChange=${choose}>
      <option value="">${t('partner.nothing')}</option>
      ${!known && html`<option value=${kind}>${(from as { path: string }).path}</option>`}
      ${paths.map(({ path, value }) => html`<option key=${path} value=${`path ${path}`}>${path} = ${value}</option>`)}
      <option value="fixed">${t('partner.fixed')}</option>
      <option value="expression">${t('partner.expression')}</option>
    </select>
    ${
      from &&
      !('path' in from) &&
      html`<input
        aria-label=${t('partner.valueOf', { title: `${title} ${target}` })}
        class=${'expression' in from ? 'partner-expression' : undefined}
        list=${choices && `partner-${target}`}
        value=${'fixed' in from ? from.fixed : from.expression}
        onChange=${(event: Event) => set('fixed' in from ? { fixed: typed(event) } : { expression: typed(event) })}
      />`
    }
    ${choices && html`<datalist id=${`partner-${target}`}>${choices.map((one) => html`<option key=${one} value=${one} />`)}</datalist>`}`;
}

const pauseMs = 300;

function Result({ draft }: { draft: Draft }): View {
  const [tried, setTried] = useState<Tried>();
  const [failed, fail] = useState<ApiError>();
  const asked = JSON.stringify({ choices: choicesOf(draft), body: draft.body });
  // What is wrong above is said there.
  const isReady = isNamed(draft) && webhookPath.test(draft.path);
  useEffect(() => {
    if (!isReady) return undefined;
    let over = false;
    const timer = setTimeout(() => {
      post<Tried>('/new-partner/try', JSON.parse(asked)).then(
        (answer) => {
          if (over) return;
          setTried(answer);
          fail(undefined);
        },
        (error: ApiError) => !over && fail(error),
      );
    }, pauseMs);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [asked]);
  return html`<${Fault} error=${failed} /> ${
      tried &&
      html`<div role="status">
          ${
            tried.problem
              ? html`<p class="notice">
                  <strong>${t('partner.unfit')}</strong> <code>${tried.problem.path ?? ''}</code>
                  ${' '}${tried.problem.message}
                </p>`
              : html`<p class="notice done"><strong>${t('partner.fits')}</strong></p>`
          }
        </div>
        <details>
          <summary>${t('partner.result')}</summary>
          <pre tabindex="0">${JSON.stringify(tried.result, null, 2)}</pre>
        </details>
        <details>
          <summary>${t('partner.text')}</summary>
          <pre tabindex="0">${tried.mapping}</pre>
        </details>`
    }`;
}
