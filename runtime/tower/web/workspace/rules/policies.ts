/** Recovery policies: how often a failed message is tried again, and what is waited out. */
import { usePolled } from '../../kit/poll.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault, Loading } from '../../kit/page.ts';
import { useFilter } from '../../kit/route.ts';
import { t } from '../../kit/text.ts';
import { begin, useFile } from '../save.ts';
import { SaveBar } from '../savebar.ts';
import type { RulesProps } from './authority.ts';

interface Policy {
  policy: string;
  summary: string;
  immediate: number;
  delays: number[];
  jitter: number;
  outage: string[];
  unmendedForHours?: number;
  suspect?: { messages: number; codes: string[] };
  park?: { codes: string[]; forHours: number };
}

const folder = 'definitions/policies';

export function Policies({ readonly }: RulesProps): View {
  const { data, error, refresh } = usePolled<{ paths: string[] }>(`/files?under=${folder}`, 60);
  const [{ policy, new: wanted }, setFilter] = useFilter('policy', 'new');
  const names = data?.paths.map((path) => path.slice(folder.length + 1).replace(/\.yaml$/, '')) ?? [];
  const name = policy || (names.includes('standard') ? 'standard' : names[0]);
  const file = useFile(name && `${folder}/${name}.yaml`);
  const rules = file?.value as Policy | undefined;
  if (!data) return html`<${Fault} error=${error} /><${Loading} />`;
  return html`<p>${t('rules.policiesLead')}</p>
    <p class="filters">
      <label
        >${t('rules.policy')}
        <select
          value=${name}
          onChange=${(event: Event) => setFilter({ policy: (event.currentTarget as HTMLSelectElement).value })}
        >
          ${[...new Set(name ? [...names, name] : names)].map((one) => html`<option key=${one} value=${one}>${one}</option>`)}
        </select></label
      >
    </p>
    ${
      !readonly &&
      rules &&
      html`<${NewPolicy}
        key=${wanted}
        ...${{ names, wanted, like: rules }}
        begun=${(one: string) => setFilter({ policy: one, new: '' })}
      />`
    }
    ${
      file && rules
        ? html`<${PolicyForm} key=${name} rules=${rules} readonly=${readonly} change=${file.changeValue} />
            <${SaveBar} files=${[file]} onSaved=${refresh} />`
        : html`<${Fault} error=${file?.error} />
            ${file?.base && html`<p class="fault">${t('rules.noPolicy')}</p>`}`
    }`;
}

interface NewProps {
  names: readonly string[];
  /** A name that somebody came with. */
  wanted: string;
  /** What it begins with. */
  like: Policy;
  begun(policy: string): void;
}

function NewPolicy({ names, wanted, like, begun }: NewProps): View {
  const [name, setName] = useState(wanted);
  const taken = names.includes(name.trim());
  const make = (event: Event): void => {
    event.preventDefault();
    const policy = name.trim();
    begin(`${folder}/${policy}.yaml`, { ...like, policy });
    begun(policy);
  };
  return html`<details class="panel" open=${wanted !== ''}>
    <summary>${t('rules.newPolicy')}</summary>
    <form class="add-entry" onSubmit=${make}>
      <label
        >${t('rules.policy')}
        <input
          required
          pattern="[a-z][a-z0-9\\-]*"
          value=${name}
          onInput=${(event: Event) => setName((event.currentTarget as HTMLInputElement).value)}
      /></label>
      <p class="small">${t('rules.newPolicyHelp', { policy: like.policy })}</p>
      ${taken && html`<p class="fault" role="alert">${t('rules.taken')}</p>`}
      <button type="submit" disabled=${taken}>${t('rules.beginPolicy')}</button>
    </form>
  </details>`;
}

interface FormProps extends RulesProps {
  rules: Policy;
  change(next: Policy): void;
}

function PolicyForm({ rules, readonly, change }: FormProps): View {
  const { data } = usePolled<{ rows: { code: string }[] }>('/codes', 600);
  const codes = data?.rows.map(({ code }) => code) ?? [];
  const put = (next: Partial<Policy>): void => change({ ...rules, ...next });
  return html`<section class="panel">
    <div class="event-head">
      <label class="wide"
        >${t('rules.summary')}
        <input
          value=${rules.summary}
          readonly=${readonly}
          onInput=${(event: Event) => put({ summary: (event.currentTarget as HTMLInputElement).value })}
      /></label>
      <${NumberField}
        label=${t('rules.immediate')}
        value=${rules.immediate}
        readonly=${readonly}
        change=${(immediate: number) => put({ immediate })}
      />
      <${Delays}
        delays=${rules.delays}
        readonly=${readonly}
        change=${(delays: number[]) => put({ delays })}
      />
      <${NumberField}
        label=${t('rules.jitter')}
        value=${rules.jitter}
        readonly=${readonly}
        change=${(jitter: number) => put({ jitter })}
      />
      ${
        rules.unmendedForHours !== undefined &&
        html`<${NumberField}
          label=${t('rules.unmendedForHours')}
          value=${rules.unmendedForHours}
          readonly=${readonly}
          change=${(unmendedForHours: number) => put({ unmendedForHours })}
        />`
      }
    </div>
    <${Codes}
      title=${t('rules.outage')}
      chosen=${rules.outage}
      ...${{ codes, readonly }}
      change=${(outage: string[]) => put({ outage })}
    />
    ${
      rules.suspect &&
      html`<${Codes}
        title=${t('rules.suspect', { count: rules.suspect.messages })}
        chosen=${rules.suspect.codes}
        ...${{ codes, readonly }}
        change=${(next: string[]) => put({ suspect: { ...rules.suspect!, codes: next } })}
      />`
    }
    ${
      rules.park &&
      html`<${Codes}
        title=${t('rules.park', { count: rules.park.forHours })}
        chosen=${rules.park.codes}
        ...${{ codes, readonly }}
        change=${(next: string[]) => put({ park: { ...rules.park!, codes: next } })}
      />`
    }
  </section>`;
}

interface NumberProps extends RulesProps {
  label: string;
  value: number;
  change(value: number): void;
}

export function NumberField({ label, value, readonly, change }: NumberProps): View {
  const input = (event: Event): void => {
    const number = (event.currentTarget as HTMLInputElement).valueAsNumber;
    if (!Number.isNaN(number)) change(number);
  };
  return html`<label
    >${label} <input type="number" min="0" step="any" value=${value} readonly=${readonly} onInput=${input}
  /></label>`;
}

interface DelaysProps extends RulesProps {
  delays: readonly number[];
  change(delays: number[]): void;
}

function Delays({ delays, readonly, change }: DelaysProps): View {
  const [text, setText] = useState(delays.join(', '));
  const read = text.split(',').map((one) => Number(one.trim()));
  const wrong = text.trim() !== '' && read.some((one) => !(one > 0));
  const input = (event: Event): void => {
    const next = (event.currentTarget as HTMLInputElement).value;
    const numbers = next.split(',').map((one) => Number(one.trim()));
    setText(next);
    if (next.trim() === '') change([]);
    else if (numbers.every((one) => one > 0)) change(numbers);
  };
  return html`<label
    >${t('rules.delays')}
    <input value=${text} readonly=${readonly} aria-invalid=${wrong ? 'true' : undefined} onInput=${input} />
    ${wrong && html`<span class="form-wrong">${t('rules.delaysWrong')}</span>`}</label
  >`;
}

interface CodesProps extends RulesProps {
  title: string;
  codes: readonly string[];
  chosen: readonly string[];
  change(codes: string[]): void;
}

function Codes({ title, codes, chosen, readonly, change }: CodesProps): View {
  const add = (event: Event): void => {
    const select = event.currentTarget as HTMLSelectElement;
    if (select.value) change([...chosen, select.value]);
    select.value = '';
  };
  return html`<fieldset class="name-list">
    <legend>${title}</legend>
    <ul class="chips">
      ${chosen.map(
        (code) =>
          html`<li key=${code}>
            <a href=${`/tower/codes/${code}`}>${code}</a>${' '}
            ${
              !readonly &&
              html`<button
                type="button"
                class="quiet"
                onClick=${() => change(chosen.filter((one) => one !== code))}
              >
                ${t('form.remove')}<span class="unseen"> ${code}</span>
              </button>`
            }
          </li>`,
      )}
    </ul>
    ${
      !readonly &&
      html`<label
        >${t('rules.addCode')}
        <select onChange=${add} aria-label=${`${t('rules.addCode')}: ${title}`}>
          <option value="">${t('form.none')}</option>
          ${codes.filter((code) => !chosen.includes(code)).map((code) => html`<option key=${code} value=${code}>${code}</option>`)}
        </select></label
      >`
    }
  </fieldset>`;
}
