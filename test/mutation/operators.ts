/** What an operator or a method becomes. */
type Becomes = readonly (readonly [becomes: string, kind: string])[];

export const operators: Readonly<Record<string, Becomes>> = {
  '&&': [['||', 'logic']],
  '||': [['&&', 'logic']],
  '??': [['&&', 'logic']],
  '===': [['!==', 'equality']],
  '!==': [['===', 'equality']],
  '==': [['!=', 'equality']],
  '!=': [['==', 'equality']],
  '<': [
    ['<=', 'boundary'],
    ['>=', 'equality'],
  ],
  '<=': [
    ['<', 'boundary'],
    ['>', 'equality'],
  ],
  '>': [
    ['>=', 'boundary'],
    ['<=', 'equality'],
  ],
  '>=': [
    ['>', 'boundary'],
    ['<', 'equality'],
  ],
  '+': [['-', 'arithmetic']],
  '-': [['+', 'arithmetic']],
  '*': [['/', 'arithmetic']],
  '/': [['*', 'arithmetic']],
  '%': [['*', 'arithmetic']],
  '+=': [['-=', 'arithmetic']],
  '-=': [['+=', 'arithmetic']],
  '??=': [['&&=', 'logic']],
  '||=': [['&&=', 'logic']],
};

/** An empty text: the call is left out. */
export const methods: ReadonlyMap<string, string> = new Map(
  Object.entries({
    some: 'every',
    every: 'some',
    startsWith: 'endsWith',
    endsWith: 'startsWith',
    min: 'max',
    max: 'min',
    ceil: 'floor',
    floor: 'ceil',
    plus: 'minus',
    minus: 'plus',
    times: 'div',
    div: 'times',
    gt: 'gte',
    gte: 'gt',
    lt: 'lte',
    lte: 'lt',
    abs: '',
    filter: '',
    flat: '',
    toReversed: '',
    toSorted: '',
    trim: '',
    trimEnd: '',
    toLowerCase: '',
    toUpperCase: '',
  }),
);
