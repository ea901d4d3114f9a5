/** How code looks: by the tower's own colours, which know light and dark. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', background: 'var(--surface)' },
  '&.cm-focused': { outline: '3px solid var(--link)', outlineOffset: '-1px' },
  '.cm-scroller': {
    overflow: 'auto',
    fontFamily: "Menlo, Consolas, 'DejaVu Sans Mono', monospace",
    fontSize: '13px',
    lineHeight: '1.5',
  },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-gutters': {
    background: 'var(--ground)',
    color: 'var(--text-soft)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-content ::selection, .cm-content::selection': {
    background: 'color-mix(in srgb, var(--link) 35%, transparent)',
  },
  '&.cm-focused .cm-matchingBracket, .cm-matchingBracket': {
    background: 'transparent',
    outline: '1px solid var(--line-strong)',
  },
  '.lifted': { background: 'var(--warning-ground)', boxShadow: 'inset 0 -2px var(--warning)' },
  '.cm-lintRange-error': { background: 'var(--bad-ground)', borderBottom: '2px solid var(--bad)' },
  '.cm-lintRange-warning': { background: 'var(--warning-ground)', borderBottom: '2px dotted var(--warning)' },
  '.cm-lintRange': { backgroundImage: 'none', paddingBottom: '0' },
  '.cm-tooltip': {
    maxWidth: 'min(34rem, 90vw)',
    border: '1px solid var(--line-strong)',
    background: 'var(--surface)',
    color: 'var(--text)',
    boxShadow: 'var(--shadow)',
  },
  '.cm-tooltip .cm-completionInfo': { whiteSpace: 'pre-line', padding: '0.4rem 0.6rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    background: 'var(--brand)',
    color: 'var(--on-brand)',
  },
  '.cm-completionDetail': { marginLeft: '1rem', color: 'inherit', opacity: '0.85' },
  '.cm-diagnostic': { whiteSpace: 'pre-line' },
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--text-soft)', fontStyle: 'italic' },
  { tag: [tags.string, tags.regexp], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warning)' },
  { tag: [tags.keyword, tags.operatorKeyword], color: 'var(--link)', fontWeight: '600' },
  { tag: [tags.function(tags.variableName), tags.variableName], color: 'var(--link)' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--text)' },
  { tag: tags.operator, color: 'var(--text-soft)' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

export const look: Extension = [theme, syntaxHighlighting(colours)];
