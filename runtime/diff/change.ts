/** A difference between two sets of flows and definitions, in words, and what it weighs. */
import { escaped } from '../markup/escaped.ts';

/**
 * `breaking`: others must change with it. `feature`: something new or gone inside. `fix`: the same, done otherwise.
 * `layout`: nothing runs differently.
 */
export type Weight = 'breaking' | 'feature' | 'fix' | 'layout';

export interface Change {
  /** Name of the flow's file; `definitions` for what no flow uses by name. */
  flow: string;
  /** Its name in the file. */
  node?: string;
  /** Of the node in the editor. */
  nodeId?: string;
  weight: Weight;
  /** `mapping changed (taxes, lines)`. */
  text: string;
}

export type Bump = 'major' | 'minor' | 'patch' | 'none';

/** What the next version should be. */
export function bumpOf(changes: readonly Change[]): Bump {
  const weighs = (weight: Weight): boolean => changes.some((change) => change.weight === weight);
  if (changes.length === 0) return 'none';
  if (weighs('breaking')) return 'major';
  return weighs('feature') ? 'minor' : 'patch';
}

/** `1.4.2`, minor → `1.5.0`. */
export function bumped(version: string, bump: Bump): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (bump === 'major') return `${major + 1}.0.0`;
  if (bump === 'minor') return `${major}.${minor + 1}.0`;
  return bump === 'patch' ? `${major}.${minor}.${patch + 1}` : version;
}

/** One line a change, `order-to-odoo: node map: …`. */
export function changeText({ flow, node, text }: Change): string {
  return node === undefined ? `${flow}: ${text}` : `${flow}: node ${node}: ${text}`;
}

const words: Record<Weight, string> = {
  breaking: 'breaking',
  feature: 'new',
  fix: 'changed',
  layout: 'layout',
};

/** A page that stands alone: one section a flow. */
export function changesHtml(changes: readonly Change[], title: string): string {
  const sections = [...Map.groupBy(changes, ({ flow }) => flow)].map(([flow, ofFlow]) => {
    const rows = ofFlow.map(
      ({ node, text, weight }) =>
        `<tr><td><span class="${weight}">${words[weight]}</span></td><td>${escaped(node ?? '')}</td><td>${escaped(text)}</td></tr>`,
    );
    return `<section><h2>${escaped(flow)}</h2><table>${rows.join('')}</table></section>`;
  });
  const none = changes.length === 0 ? '<p>Nothing has changed.</p>' : '';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style>
<h1>${escaped(title)}</h1>${none}${sections.join('\n')}</html>
`;
}

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}
h1{font-size:1.4em}h2{font-size:1.05em;margin:1.6em 0 .4em}table{border-collapse:collapse;width:100%}
td{border-top:1px solid #e3e3e3;padding:.4em .6em;vertical-align:top}td:nth-child(1){width:6em}td:nth-child(2){width:14em;font-weight:600}
span{border-radius:3px;padding:.1em .5em;font-size:.85em}.breaking{background:#f8d7da}.feature{background:#d4edda}
.fix{background:#fff3cd}.layout{background:#eee}`;
