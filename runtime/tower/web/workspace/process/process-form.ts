/** What holds for a process as a whole: its owner and version, what starts it, and how an event finds its instance. */
import type { ProcessFile } from '../../../../process/definition.ts';
import { html, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';
import { Expression, Text, withField } from './step-form.ts';

interface ProcessFormProps {
  process: ProcessFile;
  change(process: ProcessFile): void;
}

const texts = ['summary', 'owner', 'version', 'start', 'calendar'] as const;
const expressions = ['key', 'number', 'facts'] as const;

export function ProcessForm({ process, change }: ProcessFormProps): View {
  const needed = (name: string): boolean => name !== 'calendar' && name !== 'facts';
  const set = (
    name: (typeof texts)[number] | (typeof expressions)[number],
    value: string | undefined,
  ): void => change(withField(process, name, value ?? (needed(name) ? '' : undefined)));
  return html`<section class="panel">
    <h2>${t('process.about')}</h2>
    <div class="process-form">
      <fieldset>
        <legend>${t('process.who')}</legend>
        ${texts.map(
          (name) =>
            html`<${Text}
              key=${name}
              label=${t(`process.${name}`)}
              value=${process[name]}
              change=${(value?: string) => set(name, value)}
            />`,
        )}
      </fieldset>
      <fieldset>
        <legend>${t('process.which')}</legend>
        ${expressions.map(
          (name) =>
            html`<${Expression}
              key=${name}
              label=${t(`process.${name}`)}
              value=${process[name]}
              change=${(value?: string) => set(name, value)}
            />`,
        )}
      </fieldset>
      <fieldset>
        <legend>${t('process.stops')}</legend>
        <ul>
          ${Object.entries(process.holds ?? {}).map(([event, { to }]) => html`<li key=${event}>${t('process.holds', { event, to })}</li>`)}
          ${Object.entries(process.ends ?? {}).map(([event, state]) => html`<li key=${event}>${t('process.ended', { event, state })}</li>`)}
        </ul>
        <p class="small">${t('process.inFile')}</p>
      </fieldset>
    </div>
  </section>`;
}
