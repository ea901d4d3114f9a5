/** The answer of `load`. */

export interface Message {
  rows: { from: number; to: number };
  type: 'error';
  record: number;
  field?: string;
  message: string;
}

export interface Loaded {
  ids: number[] | false;
  messages: Message[];
  nextrow: number;
}
