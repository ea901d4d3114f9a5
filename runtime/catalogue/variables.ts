/** The names that flows expect from the environment, what each is for, and the files that list them. */
import { parseDocument, type YAMLSeq } from 'yaml';
import { textOf } from '../files/durable.ts';
import { nodesOf, readFlow } from './trim.ts';

/** What the editor calls a setting: `Secrets`. */
export type TitleOf = (type: string, setting: string) => string | undefined;

/** Name → what it is, in the order of the flows. */
export function variablesOf(flows: Iterable<string>, titleOf: TitleOf): Map<string, string> {
  const found = new Map<string, string>();
  for (const text of flows)
    for (const [name, node] of nodesOf(readFlow(text)))
      for (const [setting, value] of node) {
        const type = String(node.get('type'));
        const [, variable] = (typeof value === 'string' && /^\$\{(\w+)\}$/.exec(value)) || [];
        if (variable && !found.has(variable))
          found.set(
            variable,
            `${titleOf(type, setting) ?? setting} of ${name} (${type.replaceAll('-', ' ')})`,
          );
      }
  return found;
}

/** The environment's file, or the shipped one, with these names among its secrets. */
export async function withNames(file: string, shipped: string, names: Iterable<string>): Promise<string> {
  const own = await textOf(file);
  const document = parseDocument(own ?? shipped);
  const secrets = document.get('secrets') as YAMLSeq | undefined;
  const listed = own === undefined ? [] : ((secrets?.toJSON() ?? []) as string[]);
  const given = new Set([...listed, ...Object.keys((document.toJS() as { values?: object }).values ?? {})]);
  const more = [...names].filter((name) => !given.has(name));
  if (own !== undefined && more.length === 0) return own;
  const all = [...listed, ...more];
  if (all.length === 0) document.delete('secrets');
  else if (own !== undefined && secrets) for (const name of more) secrets.add(document.createNode(name));
  else document.set('secrets', all);
  return document.toString({ lineWidth: 0, singleQuote: true });
}

export const exampleHead = `# Copy this file to .env and fill it in. Values stay out of git; only names stand here.
`;

/** `.env.example` with a line for each name that it has not. */
export function exampleOf(old: string, variables: ReadonlyMap<string, string>): string {
  const more = [...variables].filter(([name]) => !new RegExp(`^#? ?${name}=`, 'm').test(old));
  return old + more.map(([name, what]) => `\n# ${what}\n${name}=\n`).join('');
}
