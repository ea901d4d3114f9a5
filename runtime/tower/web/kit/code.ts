/** A field for code: colours, completion and marks at their place. What it is made of is loaded when it is first shown. */
import type { Editor } from './code/editor.ts';
import type { CodeProps } from '../shared/props.ts';
import { html, useEffect, useLayoutEffect, useRef, useState, type View } from './html.ts';
import { t, useLanguage } from './text.ts';

const plain = { complete: undefined, marks: [], shown: [] };

/** It fills its box: a class of the page says how high that is. */
export function Code(props: CodeProps): View {
  const language = useLanguage();
  const box = useRef<HTMLDivElement>(null);
  const held = useRef<Editor>(undefined);
  const newest = useRef(props);
  const [state, tell] = useState<'loading' | 'shown' | 'failed'>('loading');
  newest.current = props;
  const { value, marks = plain.marks, shown = plain.shown, readonly = false, label } = props;

  useEffect(() => {
    let over = false;
    import('./code/editor.ts').then(
      ({ openEditor }) => {
        if (over || !box.current) return;
        held.current = openEditor(box.current, () => newest.current);
        tell('shown');
      },
      () => !over && tell('failed'),
    );
    return () => {
      over = true;
      held.current?.close();
      held.current = undefined;
    };
  }, [props.language, language]);
  useLayoutEffect(() => held.current?.write(value), [value, state]);
  useEffect(() => held.current?.settings(label, readonly), [label, readonly, state]);
  // With the text, not a frame later.
  useLayoutEffect(() => held.current?.mark(marks), [marks, value, state]);
  useEffect(() => held.current?.show(shown), [shown, state]);

  return html`<div class=${`code ${props.class ?? ''}`}>
    <div class="code-editor" ref=${box} hidden=${state === 'failed'}></div>
    ${state === 'loading' && html`<p class="loading" role="status">${t('shell.loading')}</p>`}
    ${state === 'failed' && html`<${PlainField} ...${props} />`}
  </div>`;
}

/** Where the editor did not come: the hub was away, or the browser is old. */
function PlainField({ value, onChange, label, readonly = false }: CodeProps): View {
  const typed = (event: Event): void => onChange?.((event.currentTarget as HTMLTextAreaElement).value);
  return html`<textarea
    aria-label=${label}
    spellcheck=${false}
    readonly=${readonly}
    value=${value}
    onInput=${typed}
  ></textarea>`;
}
