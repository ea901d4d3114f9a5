/** A JSON Schema as a form: the fields of an object, and of what lies in them. */
import { html, useState, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';

export type Schema = { [word: string]: unknown };

const kinds = ['string', 'integer', 'number', 'boolean', 'object', 'array'] as const;
type Kind = (typeof kinds)[number];

interface FieldsProps {
  schema: Schema;
  /** Read aloud before each field: `lines/`. */
  path: string;
  readonly: boolean;
  change(schema: Schema): void;
}

const propertiesOf = (schema: Schema): [string, Schema][] =>
  Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
const requiredOf = (schema: Schema): string[] => (schema['required'] ?? []) as string[];

export function SchemaFields({ schema, path, readonly, change }: FieldsProps): View {
  const [added, setAdded] = useState('');
  const properties = propertiesOf(schema);
  const required = requiredOf(schema);
  const put = (next: [string, Schema][], needed = required): void =>
    change({
      ...schema,
      ...('required' in schema || needed.length > 0 ? { required: needed } : {}),
      properties: Object.fromEntries(next),
    });
  const add = (event: Event): void => {
    event.preventDefault();
    const name = added.trim();
    if (name === '' || properties.some(([one]) => one === name)) return;
    put([...properties, [name, { title: name, type: 'string' }]]);
    setAdded('');
  };
  return html`<div class="schema">
    ${properties.map(
      ([name, field]) =>
        html`<${SchemaField}
          key=${name}
          ...${{ name, field, path, readonly }}
          required=${required.includes(name)}
          change=${(next: Schema) => put(properties.map((one) => (one[0] === name ? [name, next] : one)))}
          need=${(yes: boolean) =>
            put(properties, yes ? [...required, name] : required.filter((one) => one !== name))}
          drop=${() =>
            put(
              properties.filter(([one]) => one !== name),
              required.filter((one) => one !== name),
            )}
        />`,
    )}
    ${
      !readonly &&
      html`<form class="add-entry" onSubmit=${add}>
        <label
          >${path === '' ? t('events.newField') : t('events.newFieldIn', { path: path.slice(0, -1) })}
          <input
            value=${added}
            onInput=${(event: Event) => setAdded((event.currentTarget as HTMLInputElement).value)}
        /></label>
        <button type="submit">${t('events.addField')}</button>
      </form>`
    }
  </div>`;
}

interface FieldProps {
  name: string;
  field: Schema;
  path: string;
  required: boolean;
  readonly: boolean;
  change(field: Schema): void;
  need(yes: boolean): void;
  drop(): void;
}

function SchemaField({ name, field, path, required, readonly, change, need, drop }: FieldProps): View {
  const whole = `${path}${name}`;
  const { type } = field;
  const kind = kinds.find((one) => one === type);
  const items = field['items'] as Schema | undefined;
  const choose = (event: Event): void => {
    const next = (event.currentTarget as HTMLSelectElement).value as Kind;
    const { title, description } = field;
    change({
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      type: next,
      ...(next === 'object' && { properties: {} }),
      ...(next === 'array' && { items: { type: 'object', properties: {} } }),
    });
  };
  const inner = type === 'object' ? field : items?.['type'] === 'object' ? items : undefined;
  return html`<div class="schema-field">
    <div class="schema-row">
      <code>${name}</code>
      <label
        ><span class="unseen">${t('events.typeOf', { field: whole })}</span>
        <select value=${kind ?? ''} disabled=${readonly || !kind} onChange=${choose}>
          ${!kind && html`<option value="">${t('events.asJson')}</option>`}
          ${kinds.map((one) => html`<option key=${one} value=${one}>${t(`events.kind-${one}`)}</option>`)}
        </select></label
      >
      <label
        ><input
          type="checkbox"
          checked=${required}
          disabled=${readonly}
          onChange=${() => need(!required)}
        />${' '}${t('events.required')}<span class="unseen"> ${whole}</span></label
      >
      <label class="grow"
        ><span class="unseen">${t('events.descriptionOf', { field: whole })}</span>
        <input
          value=${String(field['description'] ?? '')}
          placeholder=${t('events.description')}
          readonly=${readonly}
          onInput=${(event: Event) => change(described(field, (event.currentTarget as HTMLInputElement).value))}
      /></label>
      ${
        !readonly &&
        html`<button type="button" class="quiet" onClick=${drop}>
          ${t('form.remove')}<span class="unseen"> ${whole}</span>
        </button>`
      }
    </div>
    ${
      inner &&
      html`<details>
        <summary>${t('events.fieldsOf', { field: whole, count: propertiesOf(inner).length })}</summary>
        <${SchemaFields}
          schema=${inner}
          path=${`${whole}/`}
          readonly=${readonly}
          change=${(next: Schema) => change(type === 'object' ? next : { ...field, items: next })}
        />
      </details>`
    }
  </div>`;
}

function described(field: Schema, text: string): Schema {
  const { description: _old, ...others } = field;
  return text === '' ? others : { ...field, description: text };
}
