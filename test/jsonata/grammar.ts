/** Random expressions of JSONata: every kind of tree its parser makes, in shapes that mappings have. */
import fc from 'fast-check';
import { names, number, oddNames, text } from './inputs.ts';

type Text = fc.Arbitrary<string>;
type Rule = 'any' | 'simple' | 'list' | 'step' | 'call' | 'lambda' | 'object' | 'block' | 'operator' | 'rare';

const variables = ['a', 'b', 'x', 'y', 'f'] as const;
const variable = fc.constantFrom(...variables).map((name) => `$${name}`);
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<string>(...names) },
  fc.constantFrom(...oddNames).map((odd) => `\`${odd}\``),
);
const quoted = text.map((value) => JSON.stringify(value));
const digits = number.map(String);
const regex = fc.constantFrom('/[AB]/', '/a(.)?/i', '/\\d+/', '/-/', '/x*/');
const literal = fc.oneof(quoted, digits, fc.constantFrom('true', 'false', 'null', '{}', '[]', '()'));
const atom = fc.oneof(
  { weight: 4, arbitrary: name },
  { weight: 2, arbitrary: literal },
  { weight: 2, arbitrary: variable },
  { weight: 2, arbitrary: fc.constantFrom('$', '$$') },
);

/** `s` a text, `n` a number, `l` a list, `o` an object, `x` anything, `r` a text or regular expression, 1 to 3 a function of so many. */
const functions: Record<string, string> = {
  sum: 'l', count: 'l', max: 'l', min: 'l', average: 'l', string: 'x', substring: 'snn', substringBefore: 'ss',
  substringAfter: 'ss', lowercase: 's', uppercase: 's', length: 's', trim: 's', pad: 'sns', match: 'srn', contains: 'sr',
  replace: 'srsn', split: 'srn', join: 'ls', formatBase: 'nn', number: 's', floor: 'n', ceil: 'n', round: 'nn', abs: 'n',
  sqrt: 'n', power: 'nn', boolean: 'x', not: 'x', map: 'l3', zip: 'lll', filter: 'l3', single: 'l1', reduce: 'l2x',
  sift: 'o3', keys: 'x', lookup: 'xs', append: 'xx', exists: 'x', spread: 'x', merge: 'l', reverse: 'l', each: 'o3',
  type: 'x', sort: 'l2', distinct: 'l', clone: 'o', error: 's', assert: 'xs', base64encode: 's', encodeUrlComponent: 's',
  toMillis: 's', fromMillis: 'n', formatNumber: 'ns', eval: 's', missing: 'x',
  // of mappings
  text: 'x', words: 'l', first_of: 'l', decimal: 'n', money: 'n', add: 'nn', sub: 'nn', mul: 'nn', div: 'nn',
  sum_money: 'l', value: 'ss', mapped: 'ss', check_total: 'nnn', unsupported: 's', time: 's', cents: 'ns', rules: 's',
  // of the test
  twice: 'n', fail: 'x', nothing: 'x', given: 'xx', around: 'x',
}; // prettier-ignore
/** Those that mappings use most come more often. */
const often =
  'sum count string map filter reduce exists text add mul first_of append sort merge join each lookup'.split(
    ' ',
  );
const callable = fc.oneof(fc.constantFrom(...often), fc.constantFrom(...Object.keys(functions)));

const joined = (...parts: (string | Text)[]): Text =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((all) => all.join(''));
const some = (one: Text, maxLength: number, minLength = 0, between = ', '): Text =>
  fc.array(one, { minLength, maxLength }).map((all) => all.join(between));
/** All rules count one depth, so that expressions stay small. */
const deeper = { depthSize: 'small', depthIdentifier: fc.createDepthIdentifier(), maxDepth: 8 } as const;
const either = (...arbitraries: [number, Text][]): Text =>
  fc.oneof(deeper, ...arbitraries.map(([weight, arbitrary]) => ({ weight, arbitrary })));

export const { any: expression } = fc.letrec<Record<Rule, string>>((tie) => {
  const any = tie('any');
  const inner = fc.oneof(deeper, joined('(', any, ')'), any);
  const params = some(variable, 3);
  const parameter = (kind: string): Text => {
    if (kind === 's') return either([3, quoted], [2, name], [1, any]);
    if (kind === 'n') return either([3, digits], [2, name], [1, any]);
    if (kind === 'r') return either([2, regex], [2, quoted], [1, any]);
    if (kind === 'o') return either([2, tie('object')], [1, name], [2, any]);
    if (kind === 'l') return either([3, tie('list')], [1, any]);
    if (kind === 'x') return any;
    return either([6, tie('lambda')], [1, variable], [1, callable.map((one) => `$${one}`)], [1, any]);
  };
  /** Of functions that take the same: sometimes too few arguments, or one too many. */
  const calls = Object.entries(Object.groupBy(often.concat(Object.keys(functions)), (one) => functions[one]!));
  const call = fc.oneof(
    deeper,
    ...calls.map(([kinds, called = []]) => ({
      weight: called.length,
      arbitrary: fc
        .tuple(
          fc.constantFrom(...called),
          either([4, fc.constant(String(kinds.length))], [1, fc.nat(kinds.length + 1).map(String)]),
          fc.tuple(...[...kinds, 'x'].map(parameter)),
        )
        .map(([name, count, all]) => `$${name}(${all.slice(0, Number(count)).join(', ')})`),
    })),
  );
  const signature = fc.constantFrom('', '', '', '', '<n-n:n>', '<s-:s>', '<x?x?:x>', '<a<n>:n>', '<(sn)o?:x>');
  const operators = fc.constantFrom('+', '-', '*', '/', '%', '&', '=', '!=', '<', '<=', '>', '>=', 'and', 'or', 'in', '..', '~>', '??', '?:');
  const predicate = either([2, joined('[', any, ']')], [2, fc.integer({ min: -2, max: 2 }).map((at) => `[${at}]`)], [1, fc.constant('[]')], [1, joined('[', name, ' = ', literal, ']')]);
  const pair = joined(either([3, quoted], [1, tie('simple')], [1, any]), ': ', any);
  return {
    any: either([3, atom], [4, tie('list')], [3, tie('operator')], [3, tie('call')], [2, tie('object')], [2, tie('block')], [1, tie('lambda')], [1, tie('rare')]),
    simple: either([3, atom], [1, joined(atom, '.', tie('step'))]),
    list: either(
      [3, joined(inner, '.', some(tie('step'), 3, 1, '.'))],
      [2, joined(tie('simple'), predicate)],
      [1, joined(inner, predicate)],
      [2, joined('[', some(any, 3), ']')],
      [1, joined('[', fc.integer({ min: -2, max: 3 }).map(String), '..', either([3, digits], [1, any]), ']')],
      [1, joined(tie('simple'), tie('object'))],
      [1, name],
    ),
    step: either(
      [4, joined(name, fc.oneof(fc.constant(''), fc.constant(''), predicate))],
      [2, joined('(', any, ')')],
      [1, joined('[', some(any, 2, 1), ']')],
      [2, tie('object')],
      [2, tie('call')],
      [1, fc.constantFrom('$string()', '$uppercase()', '$length()', '$', '$$', '"sku"', '$sum(price)', '$text(name)', '$keys()')],
      [1, variable],
      [1, joined(variable, '(', some(any, 1), ')')],
    ),
    call: either(
      [6, call],
      [1, joined(variable, '(', some(any, 3), ')')],
      [1, joined(tie('lambda'), '(', some(any, 3), ')')],
      [1, joined(inner, ' ~> ', either([3, call], [1, tie('lambda')], [1, callable.map((one) => `$${one}`)]))],
    ),
    lambda: joined(fc.constantFrom('function', 'λ'), '(', params, ')', signature, ' { ', any, ' }'),
    object: joined('{', some(pair, 3), '}'),
    block: either(
      [3, joined('(', some(either([3, joined(variable, ' := ', any)], [1, any]), 3, 1, '; '), '; ', any, ')')],
      [1, joined('($f := function($x, $y) { ', any, ' }; $f(', some(any, 3), '))')],
      [1, joined('($f := function($x) { $x > 0 ? ', either([2, fc.constant('$x + $f($x - 1)')], [1, fc.constant('$f($x - 1)')]), ' : ', any, ' }; $f(', fc.nat(12).map(String), '))')],
      // What stands around a call is the context of what is called last.
      [1, joined('($f := function(', params, ') { ', tie('call'), ' }; ', inner, '.$f(', some(any, 2), '))')],
      [1, joined('(', any, ')')],
    ),
    operator: either(
      [5, fc.tuple(inner, operators, inner).map((all) => all.join(' '))],
      [1, joined('-', inner)],
      [3, joined(inner, ' ? ', inner, ' : ', inner)],
      [1, joined(inner, ' ? ', inner)],
      [1, joined(name, ' != null ? ', any, ' : ', any)],
    ),
    // What mappings do not use: most of it is left to the interpreter.
    rare: either(
      [1, joined(inner, '^(', fc.constantFrom('', '<', '>'), any, ')')],
      [1, joined(name, '@$a.', name, '.{"a": $a, "b": ', any, '}')],
      [1, joined(name, '#$a.{"a": $a, "b": ', any, '}')],
      [1, joined(name, '.', name, '.%.', name)],
      [1, fc.constantFrom('*', '**', 'lines.*', '**.name', 'lines.**')],
      [1, joined('$ ~> |', tie('simple'), '|', tie('object'), fc.constantFrom('', ', "sku"'), '|')],
      [1, joined('$', callable, '(?, ', any, ')')],
      [1, joined('($f := $substring(?, 0, ', digits, '); ', inner, '.$f($))')],
    ),
  };
}); // prettier-ignore
