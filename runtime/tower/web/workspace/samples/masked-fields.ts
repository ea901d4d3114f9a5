/** What is masked in a message that is kept: each field can be switched off. */
import type { MaskedField } from '../../../../workspace/mask.ts';
import { html, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';

interface FieldsProps {
  fields: readonly MaskedField[];
  /** What taking a tick away means. */
  help: string;
  keep: readonly string[];
  setKeep(keep: readonly string[]): void;
}

export function MaskedFields({ fields, help, keep, setKeep }: FieldsProps): View {
  if (fields.length === 0) return html`<p class="notice">${t('samples.nothing')}</p>`;
  const toggle = (path: string): void =>
    setKeep(keep.includes(path) ? keep.filter((one) => one !== path) : [...keep, path]);
  return html`<fieldset class="masked">
    <legend>${t('samples.mask')}</legend>
    <p class="small">${help}</p>
    ${fields.map(
      ({ path, kind }) =>
        html`<label key=${path}>
          <input type="checkbox" checked=${!keep.includes(path)} onChange=${() => toggle(path)} />
          <code>${path}</code> ${t(`samples.kind-${kind}`)}
        </label>`,
    )}
  </fieldset>`;
}
