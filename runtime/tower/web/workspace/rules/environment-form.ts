/** One environment to change: where it is, who agrees to a release, and where each name gets its value. */
import type { Environment } from '../../../../environments/environment.ts';
import type { EnvironmentRows } from '../../../../workspace/environments.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault, Loading } from '../../kit/page.ts';
import { t } from '../../kit/text.ts';
import { useFile } from '../save.ts';
import { SaveBar } from '../savebar.ts';

interface EnvironmentProps {
  environment: string;
  names: EnvironmentRows['names'];
  readonly: boolean;
  onSaved(): void;
}

const sources = ['missing', 'secret', 'value'] as const;
type Source = (typeof sources)[number];
const variable = /^[A-Za-z_][A-Za-z0-9_]*$/;
const texts = ['summary', 'admin', 'token'] as const;

export function EnvironmentForm({ environment, names, readonly, onSaved }: EnvironmentProps): View {
  const file = useFile(`definitions/environments/${environment}.yaml`);
  const value = file?.value as Environment | undefined;
  const [added, setAdded] = useState<string[]>([]);
  if (!file?.base || !value) return html`<${Fault} error=${file?.error} /><${Loading} />`;
  const all = [...new Set([...names.map(({ name }) => name), ...added])].toSorted();
  const put = (name: (typeof texts)[number], event: Event): void => {
    const { value: text } = event.currentTarget as HTMLInputElement;
    const { [name]: _, ...rest } = value;
    file.changeValue(text === '' && name !== 'summary' ? rest : { ...value, [name]: text });
  };
  return html`<div class="event-head">
      ${texts.map(
        (name) =>
          html`<label key=${name} class=${name === 'summary' ? 'wide' : undefined}>
            ${t(`rules.environment-${name}`)}
            <input
              value=${value[name] ?? ''}
              readonly=${readonly}
              onInput=${(event: Event) => put(name, event)}
            />
          </label>`,
      )}
    </div>
    <${Names} all=${all} value=${value} readonly=${readonly} change=${file.changeValue} />
    ${!readonly && html`<${AddName} known=${all} add=${(name: string) => setAdded([...added, name])} />`}
    <${SaveBar} files=${[file]} onSaved=${onSaved} />`;
}

interface NamesProps {
  all: readonly string[];
  value: Environment;
  readonly: boolean;
  change(value: Environment): void;
}

function Names({ all, value, readonly, change }: NamesProps): View {
  const { values = {}, secrets = [] } = value;
  return html`<div class="table matrix">
    <table>
      <caption class="unseen">
        ${t('rules.names')}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('rules.name')}</th>
          <th scope="col">${t('rules.source')}</th>
          <th scope="col">${t('rules.value')}</th>
        </tr>
      </thead>
      <tbody>
        ${all.map((name) => {
          const source = Object.hasOwn(values, name)
            ? 'value'
            : secrets.includes(name)
              ? 'secret'
              : 'missing';
          const from = (event: Event): void =>
            change(given(value, name, (event.currentTarget as HTMLSelectElement).value as Source));
          const write = (event: Event): void =>
            change(given(value, name, 'value', (event.currentTarget as HTMLInputElement).value));
          return html`<tr key=${name}>
            <th scope="row"><code>${name}</code></th>
            <td data-label=${t('rules.source')}>
              <select
                aria-label=${`${name}: ${t('rules.source')}`}
                value=${source}
                disabled=${readonly}
                onChange=${from}
              >
                ${sources.map((one) => html`<option key=${one} value=${one}>${t(`rules.is-${one}`)}</option>`)}
              </select>
            </td>
            <td data-label=${t('rules.value')}>
              ${
                source === 'value' &&
                html`<input
                  aria-label=${`${name}: ${t('rules.value')}`}
                  value=${values[name]}
                  readonly=${readonly}
                  onInput=${write}
                />`
              }
            </td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

/** The environment with the name from there; a list that would be empty is left out. */
function given(before: Environment, name: string, source: Source, text = ''): Environment {
  const { values: had = {}, secrets: from = [], ...rest } = before;
  const { [name]: _, ...others } = had;
  const values = source === 'value' ? { ...had, [name]: text } : others;
  const without = from.filter((one) => one !== name);
  const secrets = source === 'secret' ? [...without, name] : without;
  return {
    ...rest,
    ...(Object.keys(values).length > 0 && { values }),
    ...(secrets.length > 0 && { secrets }),
  };
}

function AddName({ known, add }: { known: readonly string[]; add(name: string): void }): View {
  const [name, setName] = useState('');
  const wrong = name !== '' && (!variable.test(name) || known.includes(name));
  const submit = (event: Event): void => {
    event.preventDefault();
    if (name === '' || wrong) return;
    add(name);
    setName('');
  };
  return html`<form class="event-head" onSubmit=${submit}>
    <label>
      ${t('rules.addName')}
      <input
        value=${name}
        aria-invalid=${wrong ? 'true' : undefined}
        onInput=${(event: Event) => setName((event.currentTarget as HTMLInputElement).value.trim())}
      />
      ${wrong && html`<span class="form-wrong">${t('rules.addNameWrong')}</span>`}
    </label>
    <p class="buttons"><button disabled=${name === '' || wrong}>${t('rules.add')}</button></p>
  </form>`;
}
