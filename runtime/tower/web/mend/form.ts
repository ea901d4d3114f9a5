/** A form made from the schema of an event: data goes in, changed data comes out, and the wrong field is marked. */
import type { Field } from '../../form.ts';
import { html, useId, useState, type View } from '../kit/html.ts';
import { t } from '../kit/text.ts';
import { JsonField, Message } from './json.ts';
import { blankOf, rest, withValue, type Json } from './values.ts';

export interface Wrong {
  path: string;
  message: string;
}

interface FieldProps {
  field: Field;
  value: Json;
  /** `lines/0/sku`. */
  path: string;
  wrong: Wrong | undefined;
  /** Undefined: it is not there any more. */
  change(value: Json): void;
}

export function FormField(props: FieldProps): View {
  const { field, value } = props;
  if (field.kind === 'group' && (isObject(value) || value === undefined))
    return html`<${Group} ...${props} />`;
  if (field.kind === 'table' && (Array.isArray(value) || value === undefined))
    return html`<${Rows} ...${props} />`;
  if (isPlain(field) && (typeof value !== 'object' || value === null)) return html`<${Plain} ...${props} />`;
  return html`<${JsonField} ...${props} message=${messageAt(props)} />`;
}

function Group(props: FieldProps): View {
  const { field, value, path, wrong, change } = props;
  if (field.kind !== 'group') return null;
  if (value === undefined)
    return html`<p class="form-add">
      <button type="button" class="quiet" onClick=${() => change(blankOf(field))}>
        ${t('form.addGroup', { title: field.title })}
      </button>
      <${Message} text=${messageAt(props)} />
    </p>`;
  const object = value as Record<string, Json>;
  const hidden = rest(object, field.fields).length;
  return html`<fieldset class="form-group">
    ${path !== '' && html`<legend>${field.title}</legend>`}
    <${Message} text=${messageAt(props)} />
    <div class="form-fields">
      ${field.fields.map(
        (one) =>
          html`<${FormField}
            key=${one.name}
            field=${one}
            value=${object[one.name]}
            path=${joined(path, one.name)}
            wrong=${wrong}
            change=${(next: Json) => change(withValue(object, one.name, next))}
          />`,
      )}
    </div>
    ${hidden > 0 && html`<p class="small">${t('form.hidden', { count: hidden })}</p>`}
    ${path !== '' && !field.required && html`<button type="button" class="quiet" onClick=${() => change(undefined)}>${t('form.removeOf', { title: field.title })}</button>`}
  </fieldset>`;
}

/** A row for each object of a list; what does not fit in a cell has a row of its own below. */
function Rows(props: FieldProps): View {
  const { field, value, path, wrong, change } = props;
  if (field.kind !== 'table') return null;
  const rows = (value ?? []) as Json[];
  const cells = field.columns.filter(isPlain);
  const below = field.columns.filter((one) => !isPlain(one));
  const changeRow = (at: number, next: Json): void =>
    change(rows.map((row, index) => (index === at ? next : row)));
  const drop = (at: number): void => change(rows.filter((_, index) => index !== at));
  return html`<section class="form-table">
    <h3>${field.title}</h3>
    <${Message} text=${messageAt(props)} />
    ${
      rows.length > 0 &&
      html`<div class="form-scroll">
        <table>
          <thead>
            <tr>
              ${cells.map(
                ({ name, title, help, required }) =>
                  html`<th key=${name} scope="col" title=${help}>${title}${required ? ' *' : ''}</th>`,
              )}
              <th><span class="unseen">${t('form.remove')}</span></th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (row, at) =>
                html`<${Row}
                  key=${at}
                  ...${{ cells, below, row, wrong }}
                  path=${joined(path, at)}
                  change=${(next: Json) => changeRow(at, next)}
                  drop=${() => drop(at)}
                />`,
            )}
          </tbody>
        </table>
      </div>`
    }
    <button
      type="button"
      class="quiet"
      onClick=${() => change([...rows, blankOf({ ...field, kind: 'group', fields: field.columns })])}
    >
      ${t('form.addRow', { title: field.title })}
    </button>
  </section>`;
}

interface RowProps {
  cells: Field[];
  below: Field[];
  row: Json;
  path: string;
  wrong: Wrong | undefined;
  change(value: Json): void;
  drop(): void;
}

function Row({ cells, below, row, path, wrong, change, drop }: RowProps): View {
  const width = cells.length + 1;
  const whole = { name: '', title: path, required: true, kind: 'json' } as const;
  if (!isObject(row))
    return html`<tr>
      <td colspan=${width}><${FormField} field=${whole} value=${row} ...${{ path, wrong, change }} /></td>
    </tr>`;
  const field = (one: Field): View =>
    html`<${FormField}
      field=${one}
      value=${row[one.name]}
      path=${joined(path, one.name)}
      wrong=${wrong}
      change=${(next: Json) => change(withValue(row, one.name, next))}
    />`;
  return html`<tr>
      ${cells.map((one) => html`<td key=${one.name} data-label=${one.title}>${field(one)}</td>`)}
      <td><${Remove} title=${path} onClick=${drop} /></td>
    </tr>
    ${
      below.length > 0 &&
      html`<tr class="form-below">
        <td colspan=${width}>${below.map((one) => html`<div key=${one.name}>${field(one)}</div>`)}</td>
      </tr>`
    }`;
}

/** One value: text, a choice, yes or no, a number. */
function Plain(props: FieldProps): View {
  const { field, value, path, change } = props;
  const id = useId();
  const [last, type] = useState(textOf(value));
  // Changed from elsewhere: a row before it is gone.
  const typed = Object.is(valueOf(field, last), value) ? last : textOf(value);
  const message = patternMessage(field, typed) ?? messageAt(props);
  const told = {
    id,
    'aria-invalid': message ? 'true' : undefined,
    'aria-describedby': message ? `${id}-wrong` : undefined,
    'data-path': path,
  };
  const input = (text: string): void => {
    type(text);
    change(valueOf(field, text));
  };
  return html`<div class="form-field">
    <label for=${id}
      >${field.title}${field.required ? html` <abbr title=${t('form.required')}>*</abbr>` : ''}</label
    >
    ${
      field.kind === 'choice' || field.kind === 'yesno'
        ? html`<select ...${told} value=${typed} onChange=${(event: Event) => input(valueIn(event))}>
            <option value="">${t('form.none')}</option>
            ${choicesOf(field, typed).map((one) => html`<option key=${one} value=${one}>${one}</option>`)}
          </select>`
        : html`<input
            ...${told}
            type="text"
            value=${typed}
            inputmode=${isDecimal(field) ? 'decimal' : undefined}
            placeholder=${hintOf(field)}
            onInput=${(event: Event) => input(valueIn(event))}
          />`
    }
    <${Message} id=${`${id}-wrong`} text=${message} />
  </div>`;
}

function Remove({ title, onClick }: { title: string; onClick(): void }): View {
  return html`<button
    type="button"
    class="quiet"
    aria-label=${t('form.removeOf', { title })}
    onClick=${onClick}
  >
    ✕
  </button>`;
}

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isPlain = ({ kind }: Field): boolean => ['text', 'choice', 'yesno', 'number'].includes(kind);
const joined = (path: string, step: string | number): string =>
  path === '' ? String(step) : `${path}/${step}`;
const valueIn = (event: Event): string => (event.currentTarget as HTMLInputElement).value;
const textOf = (value: Json): string => (value === undefined || value === null ? '' : String(value));

function messageAt({ path, wrong }: Pick<FieldProps, 'path' | 'wrong'>): string | undefined {
  return wrong?.path === path ? wrong.message : undefined;
}

/** As it is typed, before the hub has looked at it. */
function patternMessage(field: Field, typed: string): string | undefined {
  if (typed === '' || field.kind !== 'text') return undefined;
  if (field.format === 'date-time' && Number.isNaN(Date.parse(typed))) return t('form.dateTime');
  if (field.format === 'date' && !/^\d{4}-\d\d-\d\d$/.test(typed)) return t('form.date');
  try {
    if (!field.pattern || new RegExp(field.pattern, 'u').test(typed)) return undefined;
  } catch {
    return undefined;
  }
  return isDecimal(field) ? t('form.decimal') : t('form.pattern', { pattern: field.pattern });
}

function isDecimal(field: Field): boolean {
  return field.kind === 'number' || (field.kind === 'text' && /\[0-9\].*\[\.\]/.test(field.pattern ?? ''));
}

function hintOf(field: Field): string | undefined {
  if (field.kind !== 'text') return undefined;
  return { 'date-time': '2026-11-25T10:00:00.000Z', date: '2026-11-25' }[field.format ?? ''];
}

/** What stands there is a choice, though the schema has it not. */
function choicesOf(field: Field, typed: string): string[] {
  const known = field.kind === 'choice' ? field.choices : ['true', 'false'];
  return typed === '' || known.includes(typed) ? known : [...known, typed];
}

/** What is no number stays text: the hub says so. */
function valueOf(field: Field, text: string): Json {
  if (text === '') return field.required && field.kind === 'text' ? '' : undefined;
  if (field.kind === 'yesno') return text === 'true' ? true : text === 'false' ? false : text;
  if (field.kind === 'number') return /^-?\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : text;
  return text;
}
