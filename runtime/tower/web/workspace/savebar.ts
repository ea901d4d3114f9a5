/** Below what is edited: save or undo, what the hub says to it, and both texts where two people changed one file. */
import type { Finding } from '../../../lint/rule.ts';
import { ApiError } from '../kit/api.ts';
import { html, useState, type View } from '../kit/html.ts';
import { Fault } from '../kit/page.ts';
import { may, useMe } from '../kit/session.ts';
import { t } from '../kit/text.ts';
import { forgetUnreadable, useAnyUnreadable } from '../kit/unreadable.ts';
import { hunks, merged } from './merge.ts';
import { saveDrafts, settle, type Conflict, type EditedFile, type Outcome } from './save.ts';

interface SaveBarProps {
  /** What is changed of them is saved together. */
  files: readonly (EditedFile | undefined)[];
  /** Something is not as it must be: nothing is saved. */
  blocked?: string | undefined;
  onSaved?(): void;
}

export function SaveBar({ files, blocked, onSaved }: SaveBarProps): View {
  const me = useMe();
  const unreadable = useAnyUnreadable();
  const [outcome, setOutcome] = useState<Outcome>();
  const [busy, setBusy] = useState(false);
  const dirty = files.filter((file) => file?.dirty) as EditedFile[];
  const save = async (): Promise<void> => {
    setBusy(true);
    const next = await saveDrafts(dirty.map(({ path }) => path)).finally(() => setBusy(false));
    setOutcome(next);
    if (next.is === 'saved') onSaved?.();
  };
  const choose = async (conflict: Conflict, text: string): Promise<void> => {
    settle(conflict, text);
    if (text === conflict.theirs.text && dirty.length === 1) return setOutcome(undefined);
    await save();
  };
  if (!me?.authored) return html`<p class="notice">${t('files.released')}</p>`;
  if (!may('crossdock.author')) return html`<p class="notice">${t('files.mayNot')}</p>`;
  const undo = (): void => {
    forgetUnreadable();
    for (const file of dirty) file.undo();
    setOutcome(undefined);
  };
  return html`<section class="savebar" aria-label=${t('files.saving')}>
    ${dirty.length > 0 && html`<p role="status">${t('files.unsaved')}</p>`}
    ${blocked && html`<p class="fault" role="alert">${blocked}</p>`}
    <p class="buttons">
      <button
        type="button"
        class="primary"
        disabled=${busy || dirty.length === 0 || unreadable || blocked !== undefined}
        onClick=${save}
      >
        ${busy ? t('shell.loading') : t('files.save')}
      </button>
      <button type="button" disabled=${busy || (dirty.length === 0 && !unreadable)} onClick=${undo}>
        ${t('files.undo')}
      </button>
    </p>
    <${Said} outcome=${outcome} dirty=${dirty.length > 0} choose=${choose} />
  </section>`;
}

interface SaidProps {
  outcome: Outcome | undefined;
  dirty: boolean;
  choose(conflict: Conflict, text: string): Promise<void>;
}

function Said({ outcome, dirty, choose }: SaidProps): View {
  if (!outcome) return null;
  if (outcome.is === 'conflict')
    return outcome.conflicts.map(
      (one) => html`<${ConflictView} key=${one.path} conflict=${one} choose=${choose} />`,
    );
  if (outcome.is === 'refused')
    return html`<${Fault} error=${told(outcome.error)} /> <${Findings} rows=${outcome.findings} />`;
  if (dirty) return null;
  const warnings = outcome.saved.findings.filter(({ severity }) => severity === 'warning').length;
  return html`<div class="notice done" role="status">
    <p>${t('files.saved')}</p>
    ${outcome.saved.waits && html`<p>${t('files.waits', { why: outcome.saved.waits })}</p>`}
    ${warnings > 0 && html`<p class="small">${t('files.warnings', { count: warnings })}</p>`}
  </div>`;
}

/** The hub says where a file is wrong: its words stand in a sentence of the reader's language. */
function told(error: ApiError): ApiError {
  const { code, message, status, id } = error;
  return code === 'FILE_INVALID'
    ? new ApiError(code, t('files.invalid', { why: message }), status, id)
    : error;
}

function Findings({ rows }: { rows: readonly Finding[] }): View {
  if (rows.length === 0) return null;
  return html`<ul class="findings">
    ${rows.map(
      ({ file, line, node, code, message }) =>
        html`<li key=${`${file}${line}${node}${code}`}>
          <strong>${node}</strong> (${file}, ${line}) ${message} <code>${code}</code>
        </li>`,
    )}
  </ul>`;
}

interface ConflictProps {
  conflict: Conflict;
  choose(conflict: Conflict, text: string): Promise<void>;
}

function ConflictView({ conflict, choose }: ConflictProps): View {
  const { path, before, mine, theirs } = conflict;
  const both = merged(before, mine, theirs.text);
  const choices = { ...(both !== undefined && { both }), mine, theirs: theirs.text };
  const [chosen, setChosen] = useState(Object.keys(choices)[0] as keyof typeof choices);
  const [text, setText] = useState(both ?? mine);
  const take = (one: keyof typeof choices): void => {
    setChosen(one);
    setText(choices[one] ?? '');
  };
  return html`<section class="panel conflict" role="alert" aria-label=${t('files.conflict', { path })}>
    <h2>${t('files.conflict', { path })}</h2>
    <p>${both === undefined ? t('files.meets') : t('files.apart')}</p>
    <div class="sides">
      <div>
        <h3>${t('files.mine')}</h3>
        <${Changed} before=${before} text=${mine} />
      </div>
      <div>
        <h3>${t('files.theirs')}</h3>
        <${Changed} before=${before} text=${theirs.text} />
      </div>
    </div>
    <fieldset>
      <legend>${t('files.counts')}</legend>
      ${(Object.keys(choices) as (keyof typeof choices)[]).map(
        (one) =>
          html`<label key=${one}
            ><input type="radio" name=${path} checked=${chosen === one} onChange=${() => take(one)} />
            ${t(`files.choose-${one}`)}</label
          >`,
      )}
    </fieldset>
    <details>
      <summary>${t('files.result')}</summary>
      <textarea
        rows="16"
        spellcheck=${false}
        aria-label=${t('files.result')}
        value=${text}
        onInput=${(event: Event) => setText((event.currentTarget as HTMLTextAreaElement).value)}
      ></textarea>
    </details>
    <p class="buttons">
      <button type="button" class="primary" onClick=${() => choose(conflict, text)}>
        ${t('files.take')}
      </button>
    </p>
  </section>`;
}

/** What this side took away and put in. */
function Changed({ before, text }: { before: string; text: string }): View {
  const lines = before.split('\n');
  const found = hunks(lines, text.split('\n'));
  if (!found) return html`<p class="small">${t('files.long')}</p>`;
  return html`<pre class="changed">
${found.map(
      ({ from, to, lines: put }) =>
        html`<span key=${from} class="small">${t('files.line', { line: from + 1 })}</span>
          ${lines.slice(from, to).map((line, at) => html`<del key=${at}>${line}</del>`)}
          ${put.map((line, at) => html`<ins key=${`+${at}`}>${line}</ins>`)}`,
    )}</pre>`;
}
