/** CodeMirror in a box. Its looks come into a shadow root, where the browser takes them without an inline style. */
import { autocompletion, completionKeymap, type Completion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import {
  Annotation,
  Compartment,
  EditorState,
  StateEffect,
  StateField,
  type Extension,
} from '@codemirror/state';
import { Decoration, EditorView, keymap, lineNumbers, type DecorationSet } from '@codemirror/view';
import { t } from '../text.ts';
import { languages } from './languages.ts';
import { look } from './look.ts';
import type { CodeProps, Mark, Span, Suggestion } from '../../shared/props.ts';

export interface Editor {
  /** Another text than the one that stands there; the cursor stays where it can. */
  write(text: string): void;
  settings(label: string, readonly: boolean): void;
  mark(marks: readonly Mark[]): void;
  show(spans: readonly Span[]): void;
  close(): void;
}

/** `now` gives what the page last said. */
export function openEditor(box: HTMLElement, now: () => CodeProps): Editor {
  const root = box.shadowRoot ?? box.attachShadow({ mode: 'open' });
  const first = now();
  const said = new Compartment();
  /** What was typed and told to the page, and has not come back from it. */
  let told: string[] = [];
  const view = new EditorView({
    root,
    parent: root,
    doc: first.value,
    extensions: [
      lineNumbers(),
      history(),
      bracketMatching(),
      lintGutter(),
      completion(now),
      // Tab leads to the next field, as everywhere on a page.
      keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
      languages[first.language],
      look,
      lifted,
      EditorState.phrases.of(phrases()),
      said.of(settings(first.label, first.readonly ?? false)),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !update.transactions.some((one) => one.annotation(fromPage))) {
          const text = update.state.doc.toString();
          told = [...told.slice(-9), text];
          now().onChange?.(text);
        }
        if (update.selectionSet) now().onPlace?.(update.state.selection.main.head);
      }),
    ],
  });
  return {
    write(text) {
      const back = told.indexOf(text);
      told = back < 0 ? [] : told.slice(back + 1);
      if (back < 0) write(view, text);
    },
    settings: (label, readonly) => view.dispatch({ effects: said.reconfigure(settings(label, readonly)) }),
    mark: (marks) =>
      view.dispatch(
        setDiagnostics(
          view.state,
          marks.map((one) => diagnostic(view.state, one)),
        ),
      ),
    show: (spans) => show(view, spans),
    close: () => view.destroy(),
  };
}

function settings(label: string, readonly: boolean): Extension {
  return [
    EditorState.readOnly.of(readonly),
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-readonly': String(readonly),
      spellcheck: 'false',
    }),
  ];
}

const fromPage = Annotation.define<boolean>();

/** Only what differs is changed. */
function write(view: EditorView, text: string): void {
  const before = view.state.doc.toString();
  if (before === text) return;
  let from = 0;
  while (from < before.length && before[from] === text[from]) from += 1;
  let [to, end] = [before.length, text.length];
  while (to > from && end > from && before[to - 1] === text[end - 1]) {
    to -= 1;
    end -= 1;
  }
  view.dispatch({ changes: { from, to, insert: text.slice(from, end) }, annotations: fromPage.of(true) });
}

function diagnostic({ doc }: EditorState, { line, column, length, message, severity }: Mark): Diagnostic {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const from = Math.min(at.from + Math.max(column, 1) - 1, at.to);
  const word = /^[\w$]+|^./.exec(doc.sliceString(from, at.to))?.[0].length ?? 0;
  return { from, to: Math.min(from + (length ?? word), doc.length), message, severity };
}

const lift = StateEffect.define<readonly Span[]>();
const lifting = Decoration.mark({ class: 'lifted' });
const lifted = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(before, { changes, effects }) {
    const next = effects.find((one) => one.is(lift));
    if (!next) return before.map(changes);
    const spans = (next.value as readonly Span[]).filter(({ from, to }) => from < to);
    return Decoration.set(
      spans.map(({ from, to }) => lifting.range(from, to)),
      true,
    );
  },
  provide: (field) => EditorView.decorations.from(field),
});

function show(view: EditorView, spans: readonly Span[]): void {
  const { length } = view.state.doc;
  const within = spans.map(({ from, to }) => ({ from: Math.min(from, length), to: Math.min(to, length) }));
  const [first] = within;
  view.dispatch({ effects: lift.of(within) });
  if (first) bringIntoView(view, first.from);
}

const aroundPx = 40;

/** Within the editor only: the page stays below the hand that points at something. */
function bringIntoView(view: EditorView, at: number): void {
  const box = view.scrollDOM;
  const { top, bottom } = view.lineBlockAt(at);
  if (top - aroundPx < box.scrollTop) box.scrollTop = top - aroundPx;
  else if (bottom + aroundPx > box.scrollTop + box.clientHeight)
    box.scrollTop = bottom + aroundPx - box.clientHeight;
}

function completion(now: () => CodeProps): Extension {
  return autocompletion({
    icons: false,
    override: [
      async ({ state, pos, explicit }) => {
        const found = await now().complete?.(state.doc.toString(), pos);
        if (!found || (!explicit && found.from === pos && !/[.$]$/.test(state.sliceDoc(0, pos)))) return null;
        return { from: found.from, options: found.options.map(offered), validFor: /^[\w$]*$/ };
      },
    ],
  });
}

function offered({ label, kind, detail, help, text }: Suggestion): Completion {
  const type = { field: 'property', function: 'function', variable: 'variable', value: 'constant' }[kind];
  return {
    label,
    type,
    ...(detail && { detail }),
    ...(help && { info: help }),
    ...(text !== undefined && { apply: text }),
  };
}

/** What CodeMirror itself says. */
function phrases(): Record<string, string> {
  return {
    Completions: t('code.completions'),
    Diagnostics: t('code.marks'),
    'No diagnostics': t('code.noMarks'),
    'Control character': t('code.control'),
    Undo: t('code.undo'),
  };
}
