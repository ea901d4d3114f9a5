/** One process as a picture whose steps are edited below it. */
import type { ProcessFile, Step } from '../../../../process/definition.ts';
import type { Choices } from '../../../../workspace/choices.ts';
import { get } from '../../kit/api.ts';
import { hrefOf } from '../../kit/address.ts';
import { html, useEffect, useState, type View } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { useFilter } from '../../kit/route.ts';
import { t } from '../../kit/text.ts';
import { ProcessForm } from '../../workspace/process/process-form.ts';
import { Picture } from '../../workspace/process/picture.ts';
import { eventList, StepForm } from '../../workspace/process/step-form.ts';
import { SaveBar } from '../../workspace/savebar.ts';
import { useFile, type EditedFile } from '../../workspace/save.ts';

export const page: Page = {
  path: '/workspace/processes/:name',
  view({ params: { name = '' } }) {
    const file = useFile(`definitions/processes/${name}.yaml`);
    const events = useEvents();
    if (!file?.base) return file?.error ? html`<${Fault} error=${file.error} />` : html`<${Loading} />`;
    const process = file.value as ProcessFile | undefined;
    if (!process?.steps)
      return html`<${Title} text=${name} />
        <p class="fault" role="alert">${t('process.unread')}</p>`;
    return html`<${Title} text=${process.process} kind=${t('process.one')}>
        <a href="/workspace/processes">${t('process.all')}</a>
      <//>
      <p>${process.summary}</p>
      <datalist id=${eventList}>
        ${events.map(({ value, title }) => html`<option key=${value} value=${value} label=${title} />`)}
      </datalist>
      <${Edited} file=${file} process=${process} />`;
  },
};

function Edited({ file, process }: { file: EditedFile; process: ProcessFile }): View {
  const [{ step: chosen }, setFilter] = useFilter('step');
  const step = Object.hasOwn(process.steps, chosen) ? process.steps[chosen] : undefined;
  const before = (file.base?.value as ProcessFile | undefined)?.version;
  const setSteps = (steps: Record<string, Step>): void => file.changeValue({ ...process, steps });
  const add = (name: string): void => {
    setSteps({ ...process.steps, [name]: { on: process.start, awaits: process.start } });
    setFilter({ step: name });
  };
  const remove = (): void => {
    const { [chosen]: _, ...rest } = process.steps;
    setSteps(rest);
    setFilter({ step: '' });
  };
  return html`<${Picture}
      process=${process}
      chosen=${chosen}
      hrefOf=${(name: string) => hrefOf(`/workspace/processes/${process.process}`, { step: name })}
    />
    ${
      step
        ? html`<section class="panel">
            <h2>${t('process.step', { name: chosen })}</h2>
            <${StepForm}
              key=${chosen}
              step=${step}
              change=${(next: Step) => setSteps({ ...process.steps, [chosen]: next })}
            />
            <p class="buttons">
              <button type="button" class="quiet" onClick=${remove}>
                ${t('process.remove', { name: chosen })}
              </button>
              <button type="button" class="quiet" onClick=${() => setFilter({ step: '' })}>
                ${t('process.whole')}
              </button>
            </p>
          </section>`
        : html`<${ProcessForm} process=${process} change=${file.changeValue} />`
    }
    <${NewStep} taken=${Object.keys(process.steps)} add=${add} />
    ${
      file.dirty &&
      process.version === before &&
      html`<p class="notice" role="status">
        ${t('process.sameVersion', { version: before })}
        <button type="button" onClick=${() => file.changeValue({ ...process, version: raised(before) })}>
          ${t('process.raise', { version: raised(before) })}
        </button>
      </p>`
    }
    <${SaveBar} files=${[file]} />`;
}

function NewStep({ taken, add }: { taken: readonly string[]; add(name: string): void }): View {
  const [name, setName] = useState('');
  const wanted = name.trim();
  const submit = (event: Event): void => {
    event.preventDefault();
    if (wanted === '' || taken.includes(wanted)) return;
    add(wanted);
    setName('');
  };
  return html`<form class="process-new" onSubmit=${submit}>
    <label
      >${t('process.newStep')}
      <input
        value=${name}
        onInput=${(event: Event) => setName((event.currentTarget as HTMLInputElement).value)}
    /></label>
    <button disabled=${wanted === '' || taken.includes(wanted)}>${t('process.add')}</button>
  </form>`;
}

function useEvents(): Choices['choices'] {
  const [events, setEvents] = useState<Choices['choices']>([]);
  useEffect(() => {
    // Without the list the names are typed.
    get<Choices>('/choices?kind=event').then(
      ({ choices }) => setEvents(choices),
      () => {},
    );
  }, []);
  return events;
}

/** `1.3.0` becomes `1.4.0`. */
function raised(version: string): string {
  const [major = '1', minor = '0'] = version.split('.');
  return `${major}.${Number(minor) + 1 || 1}.0`;
}
