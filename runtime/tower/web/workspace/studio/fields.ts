/** The fields of the result as a table: where each comes from, and its expression, which can be changed alone. */
import type { TargetField } from '../../../../workspace/studio/shape.ts';
import type { Target } from '../../../../workspace/studio/told.ts';
import type { Span } from '../../../../workspace/studio/tokens.ts';
import { Code } from '../../kit/code.ts';
import type { Complete } from '../../shared/props.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';

interface FieldsProps {
  text: string;
  targets: readonly Target[];
  fields: readonly TargetField[];
  /** The path of the one that is given where the cursor stands. */
  chosen: string | undefined;
  readonly: boolean;
  complete: Complete;
  /** Parts of the text that are looked at. */
  show(spans: readonly Span[]): void;
  change(text: string): void;
}

interface Row {
  path: string;
  field: TargetField | undefined;
  target: Target | undefined;
}

export function Fields(props: FieldsProps): View {
  return html`<div class="table studio-fields">
    <table>
      <caption class="unseen">
        ${t('studio.fields')}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('studio.field')}</th>
          <th scope="col">${t('studio.expression')}</th>
          <th scope="col">${t('studio.comesFrom')}</th>
        </tr>
      </thead>
      <tbody>
        ${rowsOf(props).map((row) => html`<${FieldRow} key=${row.path} row=${row} ...${props} />`)}
      </tbody>
    </table>
  </div>`;
}

/** In the order of the schema, then what it does not know. */
function rowsOf({ fields, targets }: FieldsProps): Row[] {
  const given = new Map(targets.map((target) => [target.path, target]));
  const known = fields.map((field) => ({ path: field.path, field, target: given.get(field.path) }));
  const paths = new Set(fields.map(({ path }) => path));
  const others = targets.filter(({ path }) => !paths.has(path));
  return [...known, ...others.map((target) => ({ path: target.path, field: undefined, target }))];
}

function FieldRow({ row, ...props }: FieldsProps & { row: Row }): View {
  const { path, field, target } = row;
  const { show, chosen } = props;
  const look = (): void => show(target?.spans ?? []);
  const isChosen = path === chosen;
  return html`<tr
    class=${isChosen ? 'chosen' : ''}
    aria-current=${isChosen ? 'true' : undefined}
    onMouseEnter=${look}
    onFocusIn=${look}
  >
    <td data-label=${t('studio.field')}>
      <button type="button" class="link" onClick=${look} title=${field?.title}>${path}</button>
      ${field?.required && html` <span class="badge">${t('studio.required')}</span>`}
    </td>
    <td data-label=${t('studio.expression')}>
      ${(target?.spans ?? []).map(
        (span, at) => html`<${Part} key=${at} ...${props} span=${span} path=${path} />`,
      )}
      ${!target && html`<span class="small">${t('studio.notGiven')}</span>`}
    </td>
    <td data-label=${t('studio.comesFrom')}>
      ${
        target &&
        (target.sources.length === 0
          ? html`<span class="small">${t('studio.constant')}</span>`
          : target.sources.slice(0, 6).map((one) => html`<code key=${one}>${one}</code> `))
      }
      ${target && target.sources.length > 6 && html`<span class="small">+ ${target.sources.length - 6}</span>`}
    </td>
  </tr>`;
}

/** Only this part of the text is changed. */
function Part(props: FieldsProps & { span: Span; path: string }): View {
  const { text, span, path, readonly, change, complete } = props;
  const now = text.slice(span.from, span.to);
  const [typed, type] = useState<string>();
  const [begun, begin] = useState('');
  const label = t('studio.isGiven', { field: path });
  const edit = (): void => {
    begin(now);
    type(now);
  };
  if (typed === undefined)
    return html`<div class="studio-part">
      <code>${now.length > 160 ? `${now.slice(0, 160)} …` : now}</code>
      ${
        !readonly &&
        html`<button type="button" class="quiet" aria-label=${`${t('studio.edit')}: ${path}`} onClick=${edit}>
          ${t('studio.edit')}
        </button>`
      }
    </div>`;
  const take = (): void => {
    type(undefined);
    change(text.slice(0, span.from) + typed + text.slice(span.to));
  };
  const inPlace: Complete = async (part, at) => {
    const whole = text.slice(0, span.from) + part + text.slice(span.to);
    const found = await complete(whole, span.from + at);
    return found && { ...found, from: Math.max(0, found.from - span.from) };
  };
  return html`<div class="studio-part">
    <${Code}
      class="low"
      value=${typed}
      onChange=${type}
      language="jsonata"
      label=${label}
      complete=${inPlace}
    />
    ${
      now !== begun &&
      html`<p class="notice" role="status">${t('studio.changedBelow')} <code>${now}</code></p>`
    }
    <p class="buttons">
      <button type="button" class="primary" onClick=${take}>${t('studio.take')}</button>
      <button type="button" onClick=${() => type(undefined)}>${t('studio.cancel')}</button>
    </p>
  </div>`;
}
