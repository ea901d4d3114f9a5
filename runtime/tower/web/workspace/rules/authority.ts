/** Who may write what, as a matrix: objects by the flows that write them, and events by the system that says them. */
import type { FlowMap } from '../../../../workspace/flow-map.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault, Loading } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { t } from '../../kit/text.ts';
import { useFile } from '../save.ts';
import { SaveBar } from '../savebar.ts';

interface AuthorityFile {
  systems: Record<string, { summary: string; sources: string[] }>;
  objects: Record<string, { owner: string; flows: string[] }>;
  events: Record<string, string>;
}

export interface RulesProps {
  readonly: boolean;
}

export function Authority({ readonly }: RulesProps): View {
  const file = useFile('definitions/authority.yaml');
  const { data } = usePolled<FlowMap>('/map', 60);
  const rules = file?.value as AuthorityFile | undefined;
  if (!file?.base || !data) return html`<${Fault} error=${file?.error} /><${Loading} />`;
  if (!rules) return html`<p class="notice">${t('rules.noAuthority')}</p>`;
  const change = (next: Partial<AuthorityFile>): void => file.changeValue({ ...rules, ...next });
  const writers = data.flows.filter(({ targets }) => targets.length > 0).map(({ flow }) => flow);
  const props = { rules, readonly, change };
  return html`<h2>${t('rules.objects')}</h2>
    <p>${t('rules.objectsLead')}</p>
    <${Objects} ...${props} writers=${writers} />
    <h2>${t('rules.saidBy')}</h2>
    <p>${t('rules.saidByLead')}</p>
    <${Events} ...${props} types=${data.passages.map(({ event }) => event)} />
    <${SaveBar} files=${[file]} />`;
}

interface PartProps extends RulesProps {
  rules: AuthorityFile;
  change(next: Partial<AuthorityFile>): void;
}

function Objects({ rules, readonly, change, writers }: PartProps & { writers: readonly string[] }): View {
  const { objects, systems } = rules;
  const flows = [...new Set([...Object.values(objects).flatMap((one) => one.flows), ...writers])].toSorted();
  const put = (object: string, next: { owner: string; flows: string[] }): void =>
    change({ objects: { ...objects, [object]: next } });
  const toggle = (object: string, flow: string): void => {
    const one = objects[object]!;
    const has = one.flows.includes(flow);
    put(object, { ...one, flows: has ? one.flows.filter((name) => name !== flow) : [...one.flows, flow] });
  };
  return html`<div class="table matrix">
    <table>
      <caption class="unseen">
        ${t('rules.objects')}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('rules.flow')}</th>
          ${Object.keys(objects).map((object) => html`<th key=${object} scope="col"><code>${object}</code></th>`)}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">${t('rules.owner')}</th>
          ${Object.entries(objects).map(
            ([object, one]) =>
              html`<td key=${object} data-label=${object}>
                <select
                  aria-label=${t('rules.ownerOf', { object })}
                  value=${one.owner}
                  disabled=${readonly}
                  onChange=${(event: Event) =>
                    put(object, { ...one, owner: (event.currentTarget as HTMLSelectElement).value })}
                >
                  ${Object.keys(systems).map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
                </select>
              </td>`,
          )}
        </tr>
        ${flows.map(
          (flow) =>
            html`<tr key=${flow}>
              <th scope="row">${flow}</th>
              ${Object.entries(objects).map(
                ([object, one]) =>
                  html`<td key=${object} data-label=${object}>
                    <input
                      type="checkbox"
                      aria-label=${t('rules.mayWrite', { flow, object })}
                      checked=${one.flows.includes(flow)}
                      disabled=${readonly}
                      onChange=${() => toggle(object, flow)}
                    />
                  </td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function Events({ rules, readonly, change, types }: PartProps & { types: readonly string[] }): View {
  const { events, systems } = rules;
  const [added, setAdded] = useState('');
  const free = types.filter((type) => !(type in events));
  const put = (type: string, system: string): void => {
    const { [type]: _old, ...others } = events;
    change({ events: system === '' ? others : { ...events, [type]: system } });
  };
  const add = (event: Event): void => {
    event.preventDefault();
    put(added, Object.keys(systems)[0] ?? '');
    setAdded('');
  };
  return html`<div class="table matrix">
      <table>
        <caption class="unseen">
          ${t('rules.saidBy')}
        </caption>
        <thead>
          <tr>
            <th scope="col">${t('rules.event')}</th>
            ${Object.entries(systems).map(([name, { summary }]) => html`<th key=${name} scope="col" title=${summary}>${name}</th>`)}
            <th scope="col">${t('rules.anyone')}</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(events).map(
            ([type, owner]) =>
              html`<tr key=${type}>
                <th scope="row"><code>${type}</code></th>
                ${[...Object.keys(systems), ''].map(
                  (name) =>
                    html`<td key=${name} data-label=${name || t('rules.anyone')}>
                      <input
                        type="radio"
                        name=${type}
                        aria-label=${t('rules.maySay', { type, system: name || t('rules.anyone') })}
                        checked=${owner === name}
                        disabled=${readonly}
                        onChange=${() => put(type, name)}
                      />
                    </td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${
      !readonly &&
      free.length > 0 &&
      html`<form class="add-entry" onSubmit=${add}>
        <label
          >${t('rules.addEvent')}
          <select
            required
            value=${added}
            onChange=${(event: Event) => setAdded((event.currentTarget as HTMLSelectElement).value)}
          >
            <option value="">${t('form.none')}</option>
            ${free.map((type) => html`<option key=${type} value=${type}>${type}</option>`)}
          </select></label
        >
        <button type="submit">${t('rules.add')}</button>
      </form>`
    }`;
}
