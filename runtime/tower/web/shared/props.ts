/** What a page says of a field for code, and what it is told. */

export type CodeLanguage = 'jsonata' | 'json' | 'yaml' | 'text';

/** Lines and columns from 1. */
export interface Mark {
  line: number;
  column: number;
  /** How many characters it covers; a word where it is left out. */
  length?: number | undefined;
  message: string;
  severity: 'error' | 'warning' | 'info';
}

export interface Suggestion {
  label: string;
  kind: 'field' | 'function' | 'variable' | 'value';
  /** Beside it, short. */
  detail?: string | undefined;
  /** Below it, where it is looked at. */
  help?: string | undefined;
  /** What is written, where that is not the label. */
  text?: string | undefined;
}

/** What can stand at `at`; it takes the place of what stands from `from` to there. */
export type Complete = (
  text: string,
  at: number,
) => Suggestions | undefined | Promise<Suggestions | undefined>;

export interface Suggestions {
  from: number;
  options: Suggestion[];
}

export interface Span {
  from: number;
  to: number;
}

export interface CodeProps {
  value: string;
  onChange?(text: string): void;
  language: CodeLanguage;
  /** Read aloud; what is seen beside it is the page's. */
  label: string;
  readonly?: boolean;
  marks?: readonly Mark[];
  complete?: Complete;
  /** Parts that are lifted out; the first comes into view. */
  shown?: readonly Span[];
  /** Where the cursor is, after it moved. */
  onPlace?(at: number): void;
  /** `tall`, `low`, or a class of the page. */
  class?: string;
}
