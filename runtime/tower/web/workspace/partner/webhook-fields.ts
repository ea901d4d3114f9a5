/** The third step: where the webhook is, what tells one message from another, and the number that people use. */
import { html, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';
import { typed, type Change, type Draft } from './draft.ts';
import { webhookPath } from '../../shared/naming.ts';

export function WebhookFields({ draft, change }: { draft: Draft; change: Change }): View {
  const choose = (key: 'id' | 'number', label: string): View =>
    html`<div class="form-field">
      <label for=${`partner-${key}`}>${label}</label>
      <select
        id=${`partner-${key}`}
        value=${JSON.stringify(draft[key])}
        aria-describedby=${`partner-${key}-missing`}
        onChange=${(event: Event) => change({ [key]: JSON.parse(typed(event)) as string[] })}
      >
        ${draft[key].length === 0 && html`<option value="[]">${t('partner.choose')}</option>`}
        ${draft.ids?.[key].map(
          (names) =>
            html`<option key=${names.join('.')} value=${JSON.stringify(names)}>
              ${names.join('.')} = ${valueOf(draft, names)}
            </option>`,
        )}
      </select>
      <span id=${`partner-${key}-missing`}>
        ${draft[key].length === 0 && html`<span class="badge bad">${t('partner.missing')}</span> <span class="small">${t('partner.idMissing')}</span>`}
      </span>
    </div>`;
  return html`<div class="form-fields">
    <div class="form-field">
      <label for="partner-path">${t('partner.path')}</label>
      <input
        id="partner-path"
        value=${draft.path}
        aria-invalid=${!webhookPath.test(draft.path)}
        aria-describedby="partner-path-wrong"
        onInput=${(event: Event) => change({ path: typed(event) })}
      />
      <span id="partner-path-wrong" class="small wrong" role="status">
        ${!webhookPath.test(draft.path) && t('partner.pathWrong')}
      </span>
      <span class="small">${t('partner.pathHelp', { url: `${location.origin}/hooks${draft.path}` })}</span>
    </div>
    ${choose('id', t('partner.id'))} ${choose('number', t('partner.number'))}
  </div>`;
}

export function valueOf({ paths }: Pick<Draft, 'paths'>, names: readonly string[]): string {
  const path = names.join('.');
  return paths.find((one) => one.list === '' && one.path.replaceAll('`', '') === path)?.value ?? '';
}
