/** The fields of a canonical document that a mapping fills, in the order of its schema. */

export type Kind =
  'text' | 'money' | 'quantity' | 'rate' | 'time' | 'currency' | 'country' | 'boolean' | 'taxes' | 'list';

export interface Field {
  /** `customer.name`; `lines[].sku` of each item of a list; `lines` of the list itself. */
  target: string;
  title: string;
  help: string;
  kind: Kind;
  /** Without it, and with what it stands in, the result does not fit the schema. */
  required: boolean;
  /** One of these only. */
  choices?: readonly string[];
}

interface Node {
  $ref?: string;
  title?: string;
  description?: string;
  type?: string;
  format?: string;
  pattern?: string;
  enum?: string[];
  required?: string[];
  properties?: Record<string, Node>;
  items?: Node;
  $defs?: Record<string, Node>;
}

export function fieldsOf(schema: object): Field[] {
  const root = schema as Node;
  const fields: Field[] = [];
  into(root, '', true);
  return fields;

  function into(node: Node, at: string, required: boolean): void {
    for (const [name, raw] of Object.entries(node.properties ?? {})) {
      const one = resolved(raw);
      const target = at === '' ? name : `${at}.${name}`;
      const needed = required && (node.required ?? []).includes(name);
      const about = {
        target,
        title: raw.title ?? one.title ?? name,
        help: raw.description ?? one.description ?? '',
      };
      if (one.properties) into(one, target, needed);
      else if (name === 'taxes') fields.push({ ...about, kind: 'taxes', required: needed });
      else if (one.type === 'array') {
        fields.push({ ...about, kind: 'list', required: needed });
        into(resolved(one.items ?? {}), `${target}[]`, true);
      } else
        fields.push({
          ...about,
          kind: kindOf(name, raw, one),
          required: needed,
          ...(one.enum && { choices: one.enum }),
        });
    }
  }

  function resolved(node: Node): Node {
    const name = /^#\/\$defs\/(.+)$/.exec(node.$ref ?? '')?.[1];
    return name === undefined ? node : { ...root.$defs?.[name], ...node };
  }
}

function kindOf(name: string, { $ref }: Node, { type, format }: Node): Kind {
  if (type === 'boolean') return 'boolean';
  if ($ref?.endsWith('/money')) return 'money';
  if ($ref?.endsWith('/quantity') || name === 'pack') return 'quantity';
  if (format === 'date-time') return 'time';
  if (name === 'currency' || name === 'country') return name;
  return name === 'rate' ? 'rate' : 'text';
}
