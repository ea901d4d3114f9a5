/** `crossdock issues`: the work queue at a terminal, and decisions about its issues. */
import { parseArgs } from 'node:util';
import { audited, hashed, type Auditing } from '../runtime/audit/audited.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { issueStates, type IssueState } from '../runtime/journal/tables.ts';
import type { Upkeep } from '../runtime/journal/upkeep.ts';
import { loadOwnership } from '../runtime/ownership/ownership.ts';
import { openBreaks } from '../runtime/reconcile/open-breaks.ts';
import { actOn, issueNamed, type Act, type Acting } from '../runtime/tower/issue-actions.ts';
import { listIssues } from '../runtime/tower/issue-list.ts';
import type { Issue } from '../runtime/tower/issues.ts';
import { triage as words } from '../runtime/tower/web/texts/en/triage.ts';
import type { Past } from '../runtime/triage/past.ts';
import { triageOf } from '../runtime/triage/triage.ts';
import { localUser } from './local-user.ts';
import { places } from '../runtime/app/project.ts';
import { print, sayMore, withJournal } from './stores.ts';

const text = { type: 'string' } as const;
const options = {
  team: text,
  state: text,
  person: text,
  flow: text,
  code: text,
  partner: text,
  after: text,
  on: text,
  until: text,
  reason: text,
  note: text,
  by: { type: 'string', default: localUser() },
  json: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parse>['values'];
const parse = (args: string[]) => parseArgs({ args, options, allowPositionals: true });

/** What is said of each decision, as a person types it. */
const decisions: Record<string, (values: Values) => Act> = {
  acknowledge: () => ({ do: 'acknowledge' }),
  resume: () => ({ do: 'resume' }),
  assign: ({ person, team }) => ({
    do: 'assign',
    ...(person !== undefined && { person: person || null }),
    ...(team !== undefined && { team: team || null }),
  }),
  wait: ({ on = '', until = '' }) => ({ do: 'wait', on, until: timeOf(until) }),
  mute: ({ reason = '', until = '' }) => ({ do: 'mute', reason, until: timeOf(until) }),
  note: ({ note = '' }) => ({ do: 'note', text: note }),
};

/** `list` unless another command is named. */
export async function issues(args: string[]): Promise<void> {
  const [name = 'list', ...rest] = args[0]?.startsWith('-') ? ['list', ...args] : args;
  const { values, positionals } = parse(rest);
  const [id = ''] = positionals;
  if (name === 'list') return withQueue((acting) => list(acting, values));
  if (name === 'show') return withQueue((acting) => show(acting, id, values.json));
  const decision = decisions[name];
  if (!decision)
    throw new CodedError(
      'REQUEST_INVALID',
      `There is no command issues ${name}: list, show, ${Object.keys(decisions).join(', ')}`,
    );
  await withQueue(async (acting) => {
    const now = new Date();
    const { revision } = await issueNamed(acting.queue, id, now);
    const [act, who] = [decision(values), values.by];
    const said = {
      who,
      act: 'issue.act',
      object: `issue/${id} ${act.do}`,
      ...hashed('reason', act),
    } as const;
    await audited(acting.audit, said, () => actOn(acting, { id, revision, by: who }, act, now));
    await show(acting, id, values.json);
  });
}

async function list({ queue }: Acting, { json, team, state, ...values }: Values): Promise<void> {
  const states = [...issueStates, 'active', 'all'];
  if (state !== undefined && !states.includes(state))
    throw new CodedError('REQUEST_INVALID', `--state is one of ${states.join(', ')}`);
  const { person, flow, code, partner, after } = values;
  const filter = {
    ...(team && { teams: [team] }),
    ...(state && { state: state as IssueState }),
    ...(person && { person }),
    ...(flow && { flow }),
    ...(code && { code }),
    ...(partner && { partner }),
    ...(after && { after }),
  };
  const { rows, next } = await listIssues(queue, filter, new Date());
  if (json) print(rows);
  else process.stdout.write(rows.map((issue) => `${lineOf(issue)}\n`).join('') || 'None\n');
  if (next) sayMore(next);
}

async function show({ queue, write, db }: Showing, id: string, json: boolean): Promise<void> {
  const issue = await issueNamed(queue, id, new Date());
  const events = await write.events(id);
  const { past } = await triageOf(db, issue);
  if (json) return print({ issue, events, past });
  const history = events.map(
    ({ time, who, what, detail }) => `  ${time}  ${who}  ${what}${detail ? `  ${detail}` : ''}`,
  );
  const { waitsOn, until, reason, note, action } = issue;
  const more = [waitsOn, until, reason, note, action].filter((one) => one !== undefined && one !== '');
  process.stdout.write(
    [lineOf(issue), ...more.map((one) => `  ${one}`), ...history, ...pastLines(past), ''].join('\n'),
  );
}

function pastLines({ helps, looked }: Past): string[] {
  if (helps.length === 0) return [`  ${words.never}`];
  const lines = helps.map((help) => {
    const { kind, near, detail, times, worked, last, by, letter, issue } = help;
    const text = words[kind].replace('{detail}', detail);
    const came = kind === 'discard' ? String(times) : `worked in ${worked} of ${times}`;
    return `    ${text}: ${came}; ${nearText[near]}; last ${last} by ${by}; ${letter ?? issue}`;
  });
  return [`  ${words.helped}:`, ...lines, `    ${words.formula.replace('{looked}', String(looked))}`];
}

const nearText = { cause: words.nearCause, place: words.nearPlace, code: words.nearCode };

/** One issue as a line of text; the id comes last, to be copied. */
function lineOf({
  code,
  state,
  late,
  team,
  person,
  count,
  running,
  orders,
  money,
  due,
  why,
  id,
}: Issue): string {
  const sums = money.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');
  const many = `${count}${running > 0 ? ` and ${running} on their way` : ''}, ${orders} orders${sums && `, ${sums}`}`;
  return [
    `${code}  ${state}${late ? ', late' : ''}  ${[team, person].filter(Boolean).join(' / ')}  due ${due}`,
    `  ${why}`,
    `  ${many}  ${id}`,
  ].join('\n');
}

function timeOf(said: string): string {
  return new Date(said).toString() === 'Invalid Date' ? said : new Date(said).toISOString();
}

interface Showing extends Acting {
  audit: Auditing;
  db: Upkeep['db'];
}

function withQueue(work: (acting: Showing) => Promise<void>): Promise<void> {
  return withJournal(({ audit, issues, documents, upkeep }) => {
    const ownership = loadOwnership(places().definitionsDir);
    const breaks = () => openBreaks(documents);
    const queue = { issues, breaks, ownership, tiers: new Map() };
    return work({ audit, queue, write: issues, db: upkeep.db });
  });
}
