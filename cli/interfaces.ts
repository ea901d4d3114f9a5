/** `crossdock interfaces`: the register of interfaces, one of them whole, and what people decide about it. */
import { parseArgs } from 'node:util';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { openJournal } from '../runtime/stores/profile.ts';
import { kinds } from '../runtime/interfaces/derive.ts';
import { states } from '../runtime/interfaces/file.ts';
import { listed, named, type Listed } from '../runtime/interfaces/use/listed.ts';
import { interfacesOf } from '../runtime/interfaces/of-project.ts';
import { approve, propose } from '../runtime/interfaces/write.ts';
import { loadOwnership } from '../runtime/ownership/ownership.ts';
import { openReader } from '../runtime/reader/reader.ts';
import { localUser } from './local-user.ts';
import { definitionsFolder, flowsFolder, palette, places } from './project.ts';
import { print, storesHere } from './stores.ts';

const text = { type: 'string' } as const;
const options = {
  kind: text,
  state: text,
  owner: text,
  by: { type: 'string', default: localUser() },
  json: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parse>['values'];
const parse = (args: string[]) => parseArgs({ args, options, allowPositionals: true });

/** `list` unless another command is named. */
export async function interfaces(args: string[]): Promise<void> {
  const { values, positionals } = parse(args);
  const [name = 'list', ...ids] = positionals;
  if (name === 'list') return list(values);
  if (name === 'show') return show(ids[0] ?? '', values.json);
  if (name === 'propose') return proposeAll();
  if (name === 'approve') return approveThese(ids, values.by);
  throw new CodedError(
    'REQUEST_INVALID',
    `There is no command interfaces ${name}: list, show, propose, approve`,
  );
}

async function here() {
  const { flowsDir, definitionsDir } = places();
  flowsFolder(flowsDir);
  definitionsFolder(definitionsDir);
  const { outputsOf } = await palette();
  return { definitionsDir, ...(await interfacesOf({ flowsDir, definitionsDir, outputsOf })) };
}

async function all(): Promise<Listed[]> {
  const { derived, entries } = await here();
  const stores = storesHere();
  // Makes the store where there is none.
  await (await openJournal(stores)).close();
  const reader = await openReader(stores);
  try {
    return await listed(reader.db, derived, entries, new Date());
  } finally {
    await reader.close();
  }
}

async function list({ kind, state, owner, json }: Values): Promise<void> {
  oneOf('--kind', kind, kinds);
  oneOf('--state', state, [...states, 'unlisted']);
  const rows = (await all()).filter(
    (one) =>
      (!kind || one.kind === kind) &&
      (!state || one.state === state) &&
      (!owner || one.entry?.owner === owner),
  );
  if (json) return print(rows);
  const lines = rows.map(
    (one) =>
      `${one.id}  ${one.state}  ${one.entry?.owner ?? 'nobody'}  ${one.entry?.class ?? '-'}  ` +
      `${one.version ?? '-'}  ${seenOf(one)}`,
  );
  process.stdout.write(`${lines.join('\n') || 'There is no such interface'}\n`);
}

function oneOf(option: string, said: string | undefined, known: readonly string[]): void {
  if (said !== undefined && !known.includes(said))
    throw new CodedError('REQUEST_INVALID', `${option} is one of ${known.join(', ')}`);
}

async function show(id: string, json: boolean): Promise<void> {
  const one = named(await all(), id);
  if (json) return print(one);
  const { entry, contract } = one;
  const rows: [string, string | undefined][] = [
    ['state', one.state],
    ['owner', entry?.owner],
    ['approved', entry?.approved && `by ${entry.approved.by} on ${entry.approved.on}`],
    ['deprecated', entry?.deprecated],
    ['sunset', entry?.sunset],
    ['told', entry?.told],
    ['version', one.version],
    ['tier', one.tier],
    ['data', entry?.class],
    ['flows', one.flows.join(', ')],
    ['consumers', one.consumers.join(', ')],
    ['contract', [...contract.operations, ...contract.schemas].join(', ')],
    ['signature', contract.signature],
    ['edge', entry?.edge && JSON.stringify(entry.edge)],
    ['last seen', seenOf(one)],
  ];
  const lines = rows.flatMap(([what, said]) => (said ? `${what.padEnd(10)}  ${said}` : []));
  const wrong = one.problems.map(({ code, message }) => `${code}: ${message}`);
  process.stdout.write(`${[`${one.id}  ${one.summary}`.trim(), ...lines, ...wrong].join('\n')}\n`);
}

function seenOf({ seen, overused }: Listed): string {
  return `${seen ?? 'never seen'}${overused ? '  used after its sunset' : ''}`;
}

async function proposeAll(): Promise<void> {
  const { definitionsDir, derived, entries } = await here();
  const written = await propose(definitionsDir, derived, entries, loadOwnership(definitionsDir));
  const said = written.map((id) => `${id} is proposed`);
  process.stdout.write(`${said.join('\n') || 'Every interface has an entry'}\n`);
}

async function approveThese(ids: readonly string[], by: string): Promise<void> {
  if (ids.length === 0) throw new CodedError('REQUEST_INVALID', 'Name the interfaces to approve');
  const on = new Date().toISOString().slice(0, 10);
  await approve(places().definitionsDir, ids, { by, on });
  process.stdout.write(`${ids.map((id) => `${id} is approved by ${by}`).join('\n')}\n`);
}
