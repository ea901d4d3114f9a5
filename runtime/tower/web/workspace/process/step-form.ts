/** A step of a process as a form: what begins it, what it asks for, what it waits for, and what is done when it is late or fails. */
import type { Command, Reaction, Step } from '../../../../process/definition.ts';
import { Code } from '../../kit/code.ts';
import { html, useId, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';

interface StepFormProps {
  step: Step;
  /** Undefined takes a field away. */
  change(step: Step): void;
}

type SetField = <Name extends keyof Step>(name: Name, value: Step[Name] | undefined) => void;

interface PartProps {
  step: Step;
  set: SetField;
}

export function StepForm({ step, change }: StepFormProps): View {
  const set: SetField = (name, value) => change(withField(step, name, value));
  return html`<div class="process-form">
    <${Begins} step=${step} set=${set} />
    <${Ends} step=${step} set=${set} />
    <${GoesWrong} step=${step} set=${set} />
    <${TakenBack} step=${step} set=${set} />
  </div>`;
}

function Begins({ step, set }: PartProps): View {
  return html`<fieldset>
    <legend>${t('process.begins')}</legend>
    <${EventField} label=${t('process.on')} value=${step.on} change=${(on: string) => set('on', on)} />
    <${Expression}
      label=${t('process.when')}
      value=${step.when}
      change=${(when?: string) => set('when', when)}
    />
    <label class="check">
      <input
        type="checkbox"
        checked=${step.optional ?? false}
        onChange=${(event: Event) => set('optional', (event.currentTarget as HTMLInputElement).checked || undefined)}
      />
      ${t('process.optional')}
    </label>
    <${Asks} value=${step.asks} change=${(asks?: Command) => set('asks', asks)} />
  </fieldset>`;
}

function Ends({ step, set }: PartProps): View {
  return html`<fieldset>
    <legend>${t('process.ends')}</legend>
    <${EventField}
      label=${t('process.reports')}
      value=${step.awaits}
      change=${(awaits: string) => set('awaits', awaits)}
    />
    <${EventsField}
      label=${t('process.also')}
      value=${step.also}
      change=${(also?: string[]) => set('also', also)}
    />
    <${Expression}
      label=${t('process.until')}
      value=${step.until}
      change=${(until?: string) => set('until', until)}
    />
  </fieldset>`;
}

function GoesWrong({ step, set }: PartProps): View {
  return html`<fieldset>
    <legend>${t('process.wrong')}</legend>
    <${Text}
      label=${t('process.time')}
      value=${step.within}
      hint="4h"
      change=${(within?: string) => set('within', within)}
    />
    <${ReactionField}
      label=${t('process.late')}
      value=${step.late}
      change=${(late?: Reaction) => set('late', late)}
    />
    <${EventsField}
      label=${t('process.fails')}
      value=${step.fails}
      change=${(fails?: string[]) => set('fails', fails)}
    />
    <${ReactionField}
      label=${t('process.failed')}
      value=${step.failed}
      change=${(failed?: Reaction) => set('failed', failed)}
    />
  </fieldset>`;
}

function TakenBack({ step: { undo }, set }: PartProps): View {
  return html`<fieldset>
    <legend>${t('process.back')}</legend>
    <${Text}
      label=${t('process.how')}
      value=${undo?.how}
      change=${(how?: string) => set('undo', how === undefined ? undefined : { ...undo, how })}
    />
    ${
      undo &&
      html`<${Asks}
          value=${undo.asks}
          change=${(asks?: Command) => set('undo', withField(undo, 'asks', asks))}
        />
        <${EventField}
          label=${t('process.reports')}
          value=${undo.awaits ?? ''}
          change=${(awaits: string) => set('undo', withField(undo, 'awaits', awaits || undefined))}
        />`
    }
  </fieldset>`;
}

export function withField<T extends object, Name extends keyof T>(
  of: T,
  name: Name,
  value: T[Name] | undefined,
): T {
  const { [name]: _, ...rest } = of;
  return (value === undefined ? rest : { ...of, [name]: value }) as T;
}

/** The names of events are suggested by the list that the page holds. */
export const eventList = 'process-events';

interface FieldProps<T> {
  label: string;
  value: T | undefined;
  hint?: string;
  change(value: T | undefined): void;
}

export function Text({ label, value, hint, change }: FieldProps<string>): View {
  const typed = (event: Event): string => (event.currentTarget as HTMLInputElement).value;
  return html`<label
    >${label}
    <input
      value=${value ?? ''}
      placeholder=${hint}
      onInput=${(event: Event) => change(typed(event) || undefined)}
      onBlur=${(event: Event) => change(typed(event).trim() || undefined)}
  /></label>`;
}

function EventField({ label, value, change }: FieldProps<string>): View {
  return html`<label
    >${label}
    <input
      list=${eventList}
      value=${value ?? ''}
      onInput=${(event: Event) => change((event.currentTarget as HTMLInputElement).value.trim())}
  /></label>`;
}

function EventsField({ label, value, change }: FieldProps<string[]>): View {
  const read = (event: Event): void => {
    const names = (event.currentTarget as HTMLInputElement).value.split(/[\s,]+/).filter(Boolean);
    change(names.length > 0 ? names : undefined);
  };
  return html`<label>${label} <input value=${value?.join(', ') ?? ''} onChange=${read} /></label>`;
}

/** JSONata. */
export function Expression({ label, value, change }: FieldProps<string>): View {
  return html`<div class="process-expression">
    <span>${label}</span>
    <${Code}
      language="jsonata"
      label=${label}
      value=${value?.trimEnd() ?? ''}
      class="low"
      onChange=${(text: string) => change(text.trim() === '' ? undefined : text.includes('\n') ? `${text}\n` : text)}
    />
  </div>`;
}

function Asks({ value, change }: Omit<FieldProps<Command>, 'label'>): View {
  const set = (command: string, data: string): void =>
    change(command === '' && data === '' ? undefined : { command, data });
  return html`<${EventField}
      label=${t('process.command')}
      value=${value?.command}
      change=${(command: string) => set(command, value?.data ?? (command && 'data'))}
    />
    ${value && html`<${Expression} label=${t('process.data')} value=${value.data} change=${(data = '') => set(value.command, data)} />`}`;
}

const reactions = ['escalate', 'retry', 'pause', 'compensate'] as const;

function ReactionField({ label, value, change }: FieldProps<Reaction>): View {
  const id = useId();
  const chosen = (event: Event): void => {
    const what = (event.currentTarget as HTMLSelectElement).value as Reaction['do'] | '';
    change(what === '' ? undefined : { ...value, do: what, ...(what !== 'retry' && { times: undefined }) });
  };
  return html`<div class="process-reaction" role="group" aria-labelledby=${id}>
    <span id=${id}>${label}</span>
    <select aria-labelledby=${id} value=${value?.do ?? ''} onChange=${chosen}>
      <option value="">${t('process.nothing')}</option>
      ${reactions.map((one) => html`<option key=${one} value=${one}>${t(`process.do-${one}`)}</option>`)}
    </select>
    ${
      value?.do === 'retry' &&
      html`<${Text}
        label=${t('process.times')}
        value=${value.times === undefined ? '' : String(value.times)}
        change=${(text?: string) => change(withField(value, 'times', /^\d+$/.test(text ?? '') ? Number(text) : undefined))}
      />`
    }
    ${value && html`<${Text} label=${t('process.to')} value=${value.to} change=${(to?: string) => change(withField(value, 'to', to))} />`}
  </div>`;
}
