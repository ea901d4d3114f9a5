/** Rule: no secret stands in a flow. The finding never shows it. */
import type { FlowNode } from '../flow-file/format.ts';
import type { Remark, Rule } from './rule.ts';
import type { PaletteType } from './project.ts';

/** Settings whose names say that they hold one. */
const called = /(secret|passw|token|api_?-?key|private_?-?key|^authorization$)/i;

/** What secrets look like wherever they stand. */
const shapes: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@{}$]+:[^\s/@{}$]+@/i,
  /\b(sk|rk)_(live|test)_[A-Za-z0-9]{16,}/,
  /\bshp(at|ss|ca|pa)_[A-Fa-f0-9]{24,}/,
  /\bwhsec_[A-Za-z0-9+/=]{16,}/,
  /\bAKIA[A-Z0-9]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{30,}/,
  /\bxox[abpr]-[A-Za-z0-9-]{10,}/,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  /\bBearer\s+[A-Za-z0-9._~+/-]{16,}/,
];

export const secrets: Rule = ({ nodes }, { paletteType }) =>
  nodes.flatMap((node) =>
    Object.entries(node)
      .filter(([property, value]) => holds(node, paletteType(node.type), property, value))
      .map(([property]): Remark => {
        const message = `holds what looks like a secret in ${property}. Put it into the environment and write \${NAME}.`;
        return { id: node.id, code: 'SECRET_IN_FLOW', severity: 'error', property, message };
      }),
  );

function holds(node: FlowNode, type: PaletteType | undefined, property: string, value: unknown): boolean {
  if (['id', 'type', 'z', 'g', 'wires', 'links'].includes(property)) return false;
  const schema = type?.config.properties[property] as { secret?: boolean } | undefined;
  if (schema?.secret) return typeof value === 'string' && value !== '' && !isName(value);
  return texts(value, property).some(([key, text]) => looksSecret(key, text, type !== undefined));
}

function looksSecret(key: string, text: string, ours: boolean): boolean {
  if (shapes.some((shape) => shape.test(text))) return true;
  // Settings of ours say themselves which of them are secrets.
  return !ours && called.test(key) && text.length >= 8 && !isName(text) && !/\s|[$.]/.test(text);
}

function isName(text: string): boolean {
  return /^\$\{[^{}\s]+\}$/.test(text);
}

/** Every text below a setting with the key it stands at; of `{name, value}` pairs, the name is the key. */
function texts(value: unknown, key: string): [string, string][] {
  if (typeof value === 'string') return [[key, value]];
  if (Array.isArray(value)) return value.flatMap((one) => texts(one, key));
  if (typeof value !== 'object' || value === null) return [];
  const { name } = value as { name?: unknown };
  return Object.entries(value).flatMap(([at, one]) =>
    texts(one, at === 'value' && typeof name === 'string' ? name : at),
  );
}
