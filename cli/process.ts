/** Business processes at a terminal: what is under way, where it stands, and a person's decisions about it. */
import { parseArgs } from 'node:util';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { join } from 'node:path';
import { openStores } from '../runtime/stores/profile.ts';
import { placeOf, placeText } from '../runtime/journal/processes.ts';
import type { ProcessRow } from '../runtime/journal/tables.ts';
import type { Action } from '../runtime/process/instance.ts';
import type { Instance } from '../runtime/process/state.ts';
import { localUser } from './local-user.ts';
import { places } from './project.ts';
import { limitOf, print, sayMore, storesHere, withJournal } from './stores.ts';

const options = {
  process: { type: 'string' },
  state: { type: 'string' },
  attention: { type: 'boolean', default: false },
  limit: { type: 'string' },
  after: { type: 'string' },
  by: { type: 'string', default: localUser() },
  json: { type: 'boolean', default: false },
} as const;

const actions: Record<string, Action> = {
  pause: 'pause',
  step: 'step',
  resume: 'resume',
  release: 'resume',
  compensate: 'compensate',
};

/** `list` unless another command is named. */
export async function process(args: string[]): Promise<void> {
  const [name = 'list', ...rest] = args[0]?.startsWith('-') ? ['list', ...args] : args;
  if (name === 'list') return list(rest);
  if (name === 'show') return show(rest);
  const action = actions[name];
  if (!action)
    throw new CodedError(
      'REQUEST_INVALID',
      `There is no command process ${name}: list, show, ${Object.keys(actions).join(', ')}`,
    );
  await act(action, rest);
}

async function list(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options });
  const { process: of, state, attention, after } = values;
  const limit = limitOf(values.limit);
  const from = after === undefined ? {} : { after: placeOf(after) };
  const rows = await withJournal(
    ({ processes }) =>
      processes.list({ ...(of && { process: of }), ...(state && { state }), ...from, attention, limit }),
    // With --json their facts are in it.
    values.json ? `processes ${of ?? ''}`.trim() : undefined,
  );
  const instances = rows.map(instanceOf);
  const text = instances.map(lineOf).join('\n');
  if (values.json) print(instances);
  else globalThis.process.stdout.write(text ? `${text}\n` : 'None\n');
  if (rows.length === limit) sayMore(placeText(rows.at(-1)!));
}

async function show(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const instance = instanceOf(await rowOf(positionals[0], values.process, true));
  if (values.json) return print(instance);
  const steps = Object.entries(instance.steps).map(
    ([name, { state, begun, done, due }]) =>
      `  ${name.padEnd(14)} ${state.padEnd(8)} ${done.length} of ${Math.max(begun, done.length)}${due ? `, due ${due}` : ''}`,
  );
  const history = instance.history.map(({ at, what }) => `  ${at}  ${what}`);
  globalThis.process.stdout.write(`${[lineOf(instance), ...steps, ...history].join('\n')}\n`);
}

async function act(action: Action, args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const { process: of, key } = await rowOf(positionals[0], values.process);
  const { definitionsDir } = places();
  const { loadProcesses } = await import('../runtime/process/definition.ts');
  const definition = loadProcesses(definitionsDir).get(of);
  if (!definition) throw new CodedError('PROCESS_UNKNOWN', `There is no process ${of} any more`);
  const { loadCatalogue } = await import('../runtime/events/catalogue.ts');
  const { processEngine } = await import('../runtime/process/engine/engine.ts');
  const stores = await openStores(storesHere());
  try {
    const catalogue = loadCatalogue(join(definitionsDir, 'events'));
    const engine = processEngine({ definition, definitionsDir, catalogue, ...stores });
    const instance = await engine.act(action, key, values.by);
    if (values.json) print(instance);
    else globalThis.process.stdout.write(`${lineOf(instance)}\n`);
  } finally {
    await stores.close();
  }
}

async function rowOf(called: string | undefined, of: string | undefined, reads = false): Promise<ProcessRow> {
  if (!called) throw new CodedError('REQUEST_INVALID', 'Say which one, by its number or key');
  const said = reads ? `process/${called}` : undefined;
  const rows = await withJournal(({ processes }) => processes.called(called, of), said);
  if (rows.length === 1) return rows[0]!;
  throw new CodedError(
    'PROCESS_UNKNOWN',
    rows.length > 1 ? `Several are called ${called}: say the key` : `There is none called ${called}`,
    { called },
  );
}

function instanceOf({ body }: ProcessRow): Instance {
  return JSON.parse(body) as Instance;
}

/** `1001  order-to-cash  running  at shipment, payment`. */
function lineOf({ process: of, key, number, state, steps, attention }: Instance): string {
  const open = Object.entries(steps)
    .filter(([, step]) => !['waiting', 'done', 'undone'].includes(step.state))
    .map(([name]) => name);
  const at = open.length > 0 ? `  at ${open.join(', ')}` : '';
  const asked = attention.map(({ to, why }) => `\n    ${to}: ${why}`).join('');
  return `${(number || '-').padEnd(10)} ${of}  ${key}  ${state}${at}${asked}`;
}
