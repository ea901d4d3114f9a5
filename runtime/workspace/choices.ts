/** What a setting can name: the events, policies, mappings and so on that there are, and where a new one is made. */
import type { Environment } from '../environments/environment.ts';
import type { FlowNode } from '../flow-file/format.ts';
import { filesEnding } from '../definitions/read-yaml.ts';
import { basename, join } from 'node:path';
import type { Odoo } from '../odoo/client.ts';
import type { Choice } from './choice.ts';
import { odooFields, odooModels } from './odoo-names.ts';

export const refersTo = [
  'event',
  'policy',
  'mapping',
  'schema',
  'process',
  'partner',
  'source',
  'values',
  'queue',
  'variable',
  'zone',
  'model',
  'field',
] as const;
export type Refers = (typeof refersTo)[number];

export interface Choices {
  choices: Choice[];
  /** Another value cannot work here. */
  closed: boolean;
  /** Odoo does not answer: these are known from before. */
  kept: boolean;
  /** Page of the workspace where one is made. */
  make?: string;
}

export interface Sources {
  definitionsDir: string;
  catalogue: { types: readonly string[]; get(type: string): { summary: string } };
  processes: ReadonlyMap<string, { summary: string }>;
  policies: ReadonlyMap<string, unknown>;
  partners: { names: ReadonlySet<string> };
  authority: { sources: ReadonlySet<string> };
  environment: Environment;
  env: NodeJS.ProcessEnv;
  /** Of all flows. */
  nodes: readonly FlowNode[];
  odoo: Odoo | undefined;
}

const pages: Partial<Record<Refers, string>> = {
  event: '/workspace/events',
  schema: '/workspace/events',
  mapping: '/workspace/mappings',
  values: '/workspace/values',
  partner: '/workspace/partners/new',
  process: '/workspace/processes',
  policy: '/workspace/rules?part=policies',
  variable: '/workspace/rules?part=environments',
};
const open: ReadonlySet<Refers> = new Set<Refers>(['queue', 'source', 'model', 'field']);

/** `of`: the model, for its fields. Never throws for an Odoo that is away: what was known of it is told. */
export async function choicesFor(kind: Refers, sources: Sources, of = ''): Promise<Choices> {
  const make = pages[kind];
  const named = { closed: !open.has(kind), kept: false, ...(make && { make }) };
  if (kind === 'model') return { ...named, ...(await odooModels(sources.odoo)) };
  if (kind === 'field') return { ...named, ...(await odooFields(sources.odoo, of)) };
  const choices = here[kind](sources).toSorted((a, b) => a.value.localeCompare(b.value));
  return { ...named, choices };
}

const plain = (values: Iterable<string>): Choice[] =>
  [...new Set(values)].filter(Boolean).map((value) => ({ value, title: '' }));
const files = (dir: string, ending: string): string[] =>
  filesEnding(dir, ending).map((file) => basename(file, ending));

const here: Record<Exclude<Refers, 'model' | 'field'>, (sources: Sources) => Choice[]> = {
  event: ({ catalogue }) => catalogue.types.map((value) => ({ value, title: catalogue.get(value).summary })),
  policy: ({ policies }) => plain(policies.keys()),
  mapping: ({ definitionsDir }) => plain(files(join(definitionsDir, 'mappings'), '.jsonata')),
  schema: ({ definitionsDir }) => plain(files(join(definitionsDir, 'schemas'), '.json')),
  process: ({ processes }) => [...processes].map(([value, { summary }]) => ({ value, title: summary })),
  partner: ({ partners }) => plain(partners.names),
  source: ({ partners, authority }) => plain([...partners.names, ...authority.sources]),
  values: ({ definitionsDir }) => plain(files(join(definitionsDir, 'values'), '.yaml')),
  queue: queues,
  variable: variables,
  zone: () => plain(['UTC', ...Intl.supportedValuesOf('timeZone')]),
};

/** One without a name has that of its flow. */
function queues({ nodes }: Sources): Choice[] {
  const flowOf = new Map(
    nodes.filter(({ type }) => type === 'tab').map(({ id, label }) => [id, String(label)]),
  );
  return plain(
    nodes.flatMap(({ type, queue, z }) =>
      type === 'event-consume' ? [String(queue || flowOf.get(String(z)) || '')] : [],
    ),
  );
}

const variableName = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
const ending = /^[A-Z][A-Z0-9_]*_(URLS?|KEYS?|TOKENS?|SECRETS?|CREDENTIALS|ACCOUNT|DATABASE|LOGIN|USER)$/;

/** Those of the environment's file, those that flows name, and those of the process that look like one; never a value. */
function variables({ environment, env, nodes }: Sources): Choice[] {
  const inFlows = nodes.flatMap((node) =>
    Object.values(node).flatMap((value) =>
      typeof value === 'string' ? [...value.matchAll(variableName)].map(([, name = '']) => name) : [],
    ),
  );
  const names = new Set([
    ...Object.keys(environment.values ?? {}),
    ...(environment.secrets ?? []),
    ...inFlows,
    ...Object.keys(env).filter((name) => ending.test(name) && !name.startsWith('CROSSDOCK_')),
  ]);
  return [...names].map((name) => ({
    value: `\${${name}}`,
    title: '',
    ...(!env[name] && !environment.values?.[name] && { missing: true }),
  }));
}
