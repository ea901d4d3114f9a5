/** The documents that go each way, to be ticked: of EDI those that the hub can read and write. */
import type { PartnerForm } from '../../../../workspace/partner/list.ts';
import type { Field } from '../../../form.ts';
import { html, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';
import { withValue, type Json } from '../../mend/values.ts';

/** The form without what is ticked here. */
export function withoutLists(field: Field): Field {
  if (field.kind !== 'group') return field;
  const fields = field.fields.filter(({ name }) => name !== 'sends' && name !== 'takes');
  return { ...field, fields: fields.map(withoutLists) };
}

type Map = Record<string, Json>;
const mapAt = (value: Json, name: string): Map | undefined =>
  (value as Map | undefined)?.[name] as Map | undefined;

const ticked = new Set(['sends', 'takes']);
const groups = ['edi', 'direct'];

/** What the form shows; and the whole, with what is ticked, of what the form says. */
export function untick(value: Json): Json {
  return mapped(value, (group) =>
    Object.fromEntries(Object.entries(group).filter(([name]) => !ticked.has(name))),
  );
}

export function reticked(next: Json, before: Json): Json {
  return mapped(next, (group, name) => {
    const old = mapAt(before, name) ?? { sends: [], ...(name === 'edi' && { takes: [] }) };
    return { ...group, ...Object.fromEntries(Object.entries(old).filter(([one]) => ticked.has(one))) };
  });
}

function mapped(value: Json, change: (group: Map, name: string) => Map): Json {
  const whole = value as Map;
  const changed = groups.flatMap((name) => {
    const group = mapAt(whole, name);
    return group ? [[name, change(group, name)] as const] : [];
  });
  return { ...whole, ...Object.fromEntries(changed) } as Json;
}

interface DocumentsProps {
  value: Json;
  choices: PartnerForm['choices'];
  change(value: Json): void;
}

export function Documents({ value, choices, change }: DocumentsProps): View {
  const list = (group: 'edi' | 'direct', name: 'sends' | 'takes', all: readonly string[]): View => {
    const held = mapAt(value, group);
    if (!held) return null;
    const chosen = (held[name] ?? []) as string[];
    const tick = (one: string): void => {
      const next = chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one];
      change(withValue(value as Map, group, withValue(held, name, next)));
    };
    return html`<fieldset class="form-group">
      <legend>${t(name === 'sends' ? 'partner.sends' : 'partner.takes')}</legend>
      ${[...new Set([...all, ...chosen])].map(
        (one) =>
          html`<label key=${one} class="partner-tick">
            <input type="checkbox" checked=${chosen.includes(one)} onChange=${() => tick(one)} /> ${one}
          </label>`,
      )}
    </fieldset>`;
  };
  const types = mapAt(value, 'edi')?.['standard'] === 'edifact' ? choices.edifact : choices.x12;
  const read = types.filter((one) => choices.read.includes(one));
  return html`${list('edi', 'sends', read)} ${list('edi', 'takes', types)}
  ${list('direct', 'sends', choices.direct)}`;
}
