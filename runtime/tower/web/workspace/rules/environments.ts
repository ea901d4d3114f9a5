/** Environments side by side: addresses, and the names that flows ask for; whether this hub has them, never what they hold. */
import type { EnvironmentRows } from '../../../../workspace/environments.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault, Loading } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { t } from '../../kit/text.ts';
import type { RulesProps } from './authority.ts';
import { EnvironmentForm } from './environment-form.ts';

export function Environments({ readonly }: RulesProps): View {
  const { data, error, refresh } = usePolled<EnvironmentRows>('/rules/environments', 30);
  const [chosen, choose] = useState<string>();
  if (!data) return html`<${Fault} error=${error} retry=${refresh} /><${Loading} />`;
  const { environments, names } = data;
  const open = chosen ?? data.here;
  const pick = (event: Event): void => choose((event.currentTarget as HTMLSelectElement).value);
  return html`<p>${t('rules.environmentsLead')}</p>
    <dl class="facts">
      ${environments.map(
        ({ environment, summary, admin, production }) =>
          html`<dt key=${environment}>${environment}</dt>
            <dd>
              ${summary} ${production && html`<b>${t('rules.production')}</b>${' '}`}
              ${admin && html`<code>${admin}</code>`}
            </dd>`,
      )}
    </dl>
    <div class="table matrix">
      <table>
        <caption class="unseen">
          ${t('rules.names')}
        </caption>
        <thead>
          <tr>
            <th scope="col">${t('rules.name')}</th>
            ${environments.map(({ environment }) => html`<th key=${environment} scope="col">${environment}</th>`)}
            <th scope="col">${t('rules.here', { environment: data.here })}</th>
          </tr>
        </thead>
        <tbody>
          ${names.map(
            ({ name, in: has, given, asked }) =>
              html`<tr key=${name}>
                <th scope="row"><code>${name}</code></th>
                ${environments.map(
                  ({ environment }) =>
                    html`<td key=${environment} data-label=${environment}>
                      ${has[environment] ? t(`rules.is-${has[environment]}`) : html`<b class="late">${t('rules.missing')}</b>`}
                    </td>`,
                )}
                <td data-label=${t('rules.here', { environment: data.here })}>
                  ${given ? t('rules.given') : html`<b class=${asked ? 'late' : undefined}>${asked ? t('rules.missing') : t('rules.unasked')}</b>`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <section class="panel">
      <h2>${t('rules.changeEnvironment')}</h2>
      <p class="filters">
        <label>
          ${t('rules.environment')}
          <select value=${open} onChange=${pick}>
            ${environments.map(({ environment }) => html`<option key=${environment}>${environment}</option>`)}
          </select>
        </label>
      </p>
      <${EnvironmentForm} key=${open} environment=${open} ...${{ names, readonly }} onSaved=${refresh} />
    </section>`;
}
