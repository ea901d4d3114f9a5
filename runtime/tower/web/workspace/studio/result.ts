/** What came out: the verdict of the schema, what is marked, the value maps that were used, and the result itself. */
import type { RunAnswer } from '../../../../workspace/studio/run.ts';
import { Code } from '../../kit/code.ts';
import type { Mark } from '../../shared/props.ts';
import { html, type View } from '../../kit/html.ts';
import { number } from '../../kit/format.ts';
import { t } from '../../kit/text.ts';
import { messageOf } from './marks.ts';

interface ResultProps {
  answer: RunAnswer | undefined;
  schema: string;
  marks: readonly Mark[];
}

export function Result({ answer, schema, marks }: ResultProps): View {
  if (!answer) return html`<p class="loading" role="status">${t('studio.running')}</p>`;
  const { error, result, isCut, notCompiled, took } = answer;
  return html`<div role="status">
      ${
        error &&
        html`<div class="fault">
          <p>${messageOf(error)}</p>
          <p class="small"><a href=${`/tower/codes/${error.code}`}>${error.code}</a></p>
        </div>`
      }
      ${result !== undefined && html`<${Verdict} answer=${answer} schema=${schema} />`}
    </div>
    ${
      result !== undefined &&
      html`<${Code}
        class="studio-code"
        value=${result}
        language="json"
        label=${t('studio.result')}
        readonly
      />`
    }
    ${isCut && html`<p class="small">${t('studio.cut')}</p>`}
    ${took !== undefined && html`<p class="small">${t('studio.took', { ms: number(took, 1) })}</p>`}
    ${notCompiled && html`<p class="small">${t('studio.slow', { what: notCompiled })}</p>`}
    <${Remarks} marks=${marks} />
    <${Maps} used=${answer.used} />`;
}

function Verdict({ answer: { violations }, schema }: { answer: RunAnswer; schema: string }): View {
  if (!violations) return html`<p class="notice">${t('studio.noSchema')}</p>`;
  if (violations.length === 0)
    return html`<p><span class="badge good">${t('studio.fits', { schema })}</span></p>`;
  return html`<div class="fault">
    <p>${t('studio.wrongFields', { schema, count: violations.length })}</p>
    <ul>
      ${violations
        .slice(0, 50)
        .map(
          ({ path, message }) =>
            html`<li key=${path}><code>${path || t('studio.whole')}</code> ${message}</li>`,
        )}
    </ul>
  </div>`;
}

/** Also for who does not see the colours in the text. */
function Remarks({ marks }: { marks: readonly Mark[] }): View {
  const shown = marks.filter(({ severity }) => severity !== 'info');
  const absent = marks.length - shown.length;
  return html`<section>
    <h3>${t('studio.remarks')}</h3>
    ${
      shown.length === 0
        ? html`<p class="small">${t('studio.noRemarks')}</p>`
        : html`<ul>
            ${shown.map(
              ({ line, column, message }) =>
                html`<li key=${`${line}:${column}`}>${t('studio.place', { line, column })}: ${message}</li>`,
            )}
          </ul>`
    }
    ${absent > 0 && html`<p class="small">${t('studio.alsoAbsent', { count: absent })}</p>`}
  </section>`;
}

function Maps({ used }: Pick<RunAnswer, 'used'>): View {
  if (used.length === 0) return null;
  return html`<section>
    <h3>${t('studio.used')}</h3>
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">${t('studio.map')}</th>
            <th scope="col">${t('studio.value')}</th>
            <th scope="col">${t('studio.to')}</th>
          </tr>
        </thead>
        <tbody>
          ${used.map(
            ({ map, value, to }) =>
              html`<tr key=${`${map} ${value}`}>
                <td data-label=${t('studio.map')}>${map}</td>
                <td data-label=${t('studio.value')}><code>${value}</code></td>
                <td data-label=${t('studio.to')}>
                  ${to ?? html`<span class="badge bad">${t('studio.missing')}</span>`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
