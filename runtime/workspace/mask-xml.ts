/** The texts and attributes of XML. What is not plain XML, such as a document type with entities of its own, has none. */
import { escaped } from '../markup/escaped.ts';
import type { Piece, Pieces } from './mask-pieces.ts';

const attribute = /\s+([^\s=>/]+)\s*=\s*("[^"<]*"|'[^'<]*')/g;
const token =
  /(?<comment><!--[\s\S]*?-->)|(?<instruction><\?[\s\S]*?\?>)|<!\[CDATA\[(?<data>[\s\S]*?)\]\]>|<\/(?<end>[^\s>]+)\s*>|<(?<start>[^\s/>!?]+)(?<said>(?:\s+[^\s=>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?<empty>\/?)>|(?<text>[^<]+)/y;

interface Open {
  tag: string;
  path: string;
  label?: string | undefined;
  /** How many there were of each name. */
  children: Map<string, number>;
}

interface XmlText {
  at: number;
  raw: string;
  write(value: string): string;
}

export function xmlPieces(text: string): Pieces | undefined {
  const draft = new Draft();
  if (!text.trimStart().startsWith('<') || !tokensOf(text).every((groups) => draft.take(groups)))
    return undefined;
  return draft.pieces();
}

type Groups = Record<string, string | undefined>;

/** The last is empty where the text cannot be read to its end. */
function tokensOf(text: string): Groups[] {
  const found: Groups[] = [];
  for (let at = 0; at < text.length; at = token.lastIndex) {
    token.lastIndex = at;
    const groups = token.exec(text)?.groups;
    found.push({ ...groups });
    if (!groups) break;
  }
  return found;
}

class Draft {
  #all: Piece[] = [];
  #parts: (string | XmlText)[] = [];
  #open: Open[] = [{ tag: '', path: '', children: new Map() }];

  /** False where it is not what XML may say here. */
  take({ comment, instruction, data, end, start, said = '', empty, text }: Groups): boolean {
    // A comment may say anything, and means nothing.
    if (comment !== undefined) return true;
    if (instruction !== undefined) return this.#parts.push(instruction) > 0;
    if (start !== undefined) return this.#begin(start, said, empty === '/');
    if (end !== undefined) return this.#parts.push(`</${end}>`) > 0 && this.#open.pop()?.tag === end;
    if (data !== undefined) return this.#add(data, `<![CDATA[${data}]]>`, (one) => `<![CDATA[${one}]]>`);
    return text !== undefined && this.#text(text);
  }

  pieces(): Pieces | undefined {
    const [all, parts] = [this.#all, this.#parts];
    if (this.#open.length !== 1 || all.length === 0) return undefined;
    const written = ({ at, raw, write }: XmlText, value: string): string =>
      value === all[at]!.value ? raw : write(value);
    return {
      all,
      render: (values) =>
        parts.map((part) => (typeof part === 'string' ? part : written(part, values[part.at]!))).join(''),
    };
  }

  #begin(tag: string, said: string, isEmpty: boolean): boolean {
    const parent = this.#open.at(-1)!;
    const count = (parent.children.get(tag) ?? 0) + 1;
    parent.children.set(tag, count);
    const path = `${parent.path}/${tag}${count > 1 ? `[${count}]` : ''}`;
    const found = [...said.matchAll(attribute)];
    const label = found.find(([, name = '']) => /^(name|key|id|code|type|label)$/i.test(local(name)))?.[2];
    this.#open.push({ tag, path, children: new Map(), label: label?.slice(1, -1) });
    this.#parts.push(`<${tag}`);
    const isRead = found.every(([whole, name = '', quoted = '']) => {
      if (/^xmlns(:|$)|^(xsi|xml):/.test(name)) return this.#parts.push(whole) > 0;
      const value = unescaped(quoted.slice(1, -1));
      const head = whole.slice(0, -quoted.length);
      const write = (one: string): string => `${head}"${escaped(one)}"`;
      return value !== undefined && this.#add(value, whole, write, name);
    });
    this.#parts.push(isEmpty ? '/>' : '>');
    if (isEmpty) this.#open.pop();
    return isRead;
  }

  #text(raw: string): boolean {
    const value = unescaped(raw.trim());
    if (value === '') return this.#parts.push(raw) > 0;
    if (value === undefined || this.#open.length === 1) return false;
    return this.#add(value, raw, (one) => raw.replace(raw.trim(), () => escaped(one)));
  }

  #add(value: string, raw: string, write: XmlText['write'], by?: string): boolean {
    const { path, label } = this.#open.at(-1)!;
    const names = this.#open.slice(1).map(({ tag }) => local(tag));
    this.#parts.push({ at: this.#all.length, raw, write });
    this.#all.push({
      names: by === undefined ? names : [...names, local(by)],
      path: by === undefined ? path : `${path}/@${by}`,
      value,
      ...(label !== undefined && { label }),
    });
    return true;
  }
}

/** Without its name space. */
function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Undefined for an entity that the document would have to explain. */
function unescaped(text: string): string | undefined {
  const parts = text.split(/(&[^;\s&]*;?)/).map((part) => (part.startsWith('&') ? entity(part) : part));
  return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
}

function entity(text: string): string | undefined {
  const [, hex, decimal, name = ''] = /^&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));$/i.exec(text) ?? [];
  if (hex === undefined && decimal === undefined) return entities[name];
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
