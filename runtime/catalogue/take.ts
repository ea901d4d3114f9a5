/** Some items of the shelf with all that they need: what a hub that takes them gets as its files. */
import { CodedError } from '../errors/coded-error.ts';
import type { OutputsOf } from '../flow-file/format.ts';
import { canonicalFiles } from '../flow-file/write.ts';
import { flowFilesOf, type FileSet } from '../flow-file/file-set.ts';
import { withNeeds, type Shelf } from './shelf.ts';
import { proposedRegister, registerPath } from './proposed.ts';
import { nodesOf, readFlow, trimConnections, trimFlow, trimTests, versioned } from './trim.ts';

/** Names of definitions that a node of this type reads without naming them: `schemas/order.v1`, `values/uom`. */
export type ReadsOf = (type: string) => readonly string[];

export interface Needs {
  readsOf: ReadsOf;
  outputsOf: OutputsOf;
}

/** What every hub has, whatever it takes. */
const common = [
  'authority',
  'ownership',
  'roles',
  'alerts',
  'retention',
  'limits',
  'reconciliation',
  'policies/fast',
  'policies/standard',
  'policies/patient',
];

/** What is about a process, and goes where that goes. */
const aboutProcesses: Record<string, string> = { objectives: 'order-to-cash' };

export function take(shelf: Shelf, names: Iterable<string>, { readsOf, outputsOf }: Needs): FileSet {
  const items = withNeeds(shelf, names).map((name) => shelf.items.get(name)!);
  const flows = flowsOf(shelf, new Set(items.flatMap((item) => item.flows ?? [])));
  const found = new Map(flows);
  const queue = [...flows];
  const want = (path: string): void => {
    const text = shelf.files.get(path);
    if (text === undefined || found.has(path)) return;
    found.set(path, text);
    queue.push([path, text]);
  };
  const named = items.flatMap(({ partners = [] }) => partners.map((name) => `partners/${name}`));
  for (const name of named) want(`definitions/${name}.yaml`);
  for (const [path, text] of queue) for (const one of namedBy(shelf, path, text, readsOf)) want(one);
  const about = Object.entries(aboutProcesses).flatMap(([name, of]) =>
    found.has(`definitions/processes/${of}.yaml`) ? name : [],
  );
  for (const name of [...common, ...about])
    found.set(`definitions/${name}.yaml`, shelf.files.get(`definitions/${name}.yaml`)!);
  for (const [path, text] of canonicalFiles(flowFilesOf(flows), outputsOf)) found.set(`flows/${path}`, text);
  addTests(shelf, found);
  const register = shelf.files.get(registerPath);
  if (register !== undefined) found.set(registerPath, proposedRegister(register, found, outputsOf));
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const flowPath = (name: string): string => `flows/${name}.yaml`;

/** The flows and the connections, without branches that wait for a partner that was not taken. */
function flowsOf(shelf: Shelf, names: ReadonlySet<string>): FileSet {
  const partners = [...shelf.items.values()].filter(({ kind }) => kind === 'partner');
  const absent = partners.flatMap(({ flows = [] }) => flows).filter((name) => !names.has(name));
  const here = sentBy(shelf, names);
  const missing = new Set([...sentBy(shelf, absent)].filter((event) => !here.has(event)));
  const chosen = new Map<string, string>();
  for (const name of names) {
    const trimmed = trimFlow(flowText(shelf, name), (event) => !missing.has(event));
    if (trimmed !== undefined) chosen.set(flowPath(name), trimmed);
  }
  const shared = shelf.files.get('flows/connections.yaml');
  const connections = shared && trimConnections(shared, chosen.values());
  return connections ? new Map([...chosen, ['flows/connections.yaml', connections]]) : chosen;
}

function flowText({ files }: Shelf, name: string): string {
  const text = files.get(flowPath(name));
  if (text === undefined)
    throw new CodedError('CONFIG_INVALID', `The catalogue names ${name}, which is no flow`);
  return text;
}

/** Events that these flows publish, and that their processes may ask for. */
function sentBy(shelf: Shelf, names: Iterable<string>): Set<string> {
  return new Set(
    [...names].flatMap((name) =>
      [...nodesOf(readFlow(flowText(shelf, name))).values()].flatMap((node) => {
        if (node.get('type') === 'event-publish') return [String(node.get('event'))];
        const process = shelf.files.get(`definitions/processes/${String(node.get('process'))}.yaml`);
        return process === undefined ? [] : asked(process);
      }),
    ),
  );
}

/** `command: invoice.requested.v1`. */
function asked(process: string): string[] {
  return [...process.matchAll(/\bcommand: ([\w.-]+)/g)].map(([, event = '']) => event);
}

/** Paths that a file may mean; not all of them exist. */
function namedBy(shelf: Shelf, path: string, text: string, readsOf: ReadsOf): string[] {
  const after = (key: string): string[] =>
    [...text.matchAll(new RegExp(`^\\s+${key}: ([\\w.-]+)$`, 'gm'))].map(([, name = '']) => name);
  const mappings = path.startsWith('flows/') ? after('file') : [];
  const types = path.startsWith('flows/') ? after('type').flatMap(readsOf) : [];
  const maps = [...text.matchAll(/\$(?:value|mapped)\(\s*['"]([\w.-]+)['"]/g)].map(([, name = '']) => name);
  const standards = [...after('standard'), /\/mappings\/(\w+)\./.exec(path)?.[1] ?? ''];
  return [
    ...versioned(text).flatMap((name) => [
      `definitions/events/${name}.yaml`,
      `definitions/schemas/${name}.json`,
    ]),
    ...mappings.flatMap((name) =>
      ['.jsonata', '.test.yaml', '.fields.yaml'].map((end) => `definitions/mappings/${name}${end}`),
    ),
    ...types.flatMap((name) => ['yaml', 'json'].map((end) => `definitions/${name}.${end}`)),
    ...after('policy').map((name) => `definitions/policies/${name}.yaml`),
    ...after('process').map((name) => `definitions/processes/${name}.yaml`),
    ...after('calendar').map((name) => `definitions/calendars/${name}.yaml`),
    ...(path.startsWith('flows/') ? after('source') : []).map((name) => `definitions/partners/${name}.yaml`),
    ...maps.map((name) => `definitions/values/${name}.yaml`),
    ...standards.flatMap((name) => standardFiles(shelf, name)),
  ];
}

/** All documents of an EDI standard. */
function standardFiles({ files }: Shelf, name: string): string[] {
  const elements = `definitions/edi/elements/${name}.yaml`;
  if (!files.has(elements)) return [];
  return [elements, ...[...files.keys()].filter((path) => path.startsWith(`definitions/edi/${name}.`))];
}

function addTests({ files }: Shelf, found: FileSet): void {
  const named = (pattern: RegExp, paths = found.keys()): string[] =>
    [...paths].flatMap((path) => pattern.exec(path)?.[1] ?? []);
  const partner = /\/partners\/(.+)\.yaml$/;
  const taken = new Set(named(partner));
  const flows = named(/^flows\/(.+)\.yaml$/);
  const present = {
    flows: new Map(flows.map((name) => [name, found.get(flowPath(name))!])),
    versioned: new Set([...named(/\/events\/(.+)\.yaml$/), ...named(/\/schemas\/(.+)\.json$/)]),
    absent: new Set(named(partner, files.keys()).filter((name) => !taken.has(name))),
  };
  for (const name of flows) {
    const tests = files.get(`flows/${name}.test.yaml`);
    const trimmed = tests && trimTests(tests, found.get(flowPath(name))!, present);
    if (trimmed) found.set(`flows/${name}.test.yaml`, trimmed);
  }
}
