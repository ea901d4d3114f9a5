/** The JSONata package is the one that is changed as it is read, and whose evaluation compiled code does again. */
import assert from 'node:assert/strict';
import { parse } from 'acorn';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { source } from '../runtime/map/package.ts';

type Json = Record<string, unknown>;

const folder = 'node_modules/jsonata';
const read = (file: string): Json => JSON.parse(readFileSync(file, 'utf8')) as Json;
const known = read('test/jsonata/bodies.json') as { version: string; bodies: Record<string, string> };

/** What `runtime/map/compile` does again or calls, beside all that `runtime/map/package.ts` changes. */
const relied =
  /^(evaluate|apply|partialApply|validateArguments$|createFrame|defineFunction$|populateMessage$|isDeepEqual$|append$|boolean$|not$|fromMillis$|parseSignature$)/;

/** By name; those of one name one after the other. */
function functionsOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, id, init } = node as { type?: string; id?: { name?: string }; init?: Json };
    const work = type === 'FunctionDeclaration' ? (node as Json) : type === 'VariableDeclarator' ? init : {};
    const { type: kind, start, end } = (work ?? {}) as { type?: string; start?: number; end?: number };
    if (id?.name && kind?.includes('Function'))
      found.set(id.name, (found.get(id.name) ?? '') + text.slice(start, end));
    Object.values(node).forEach(walk);
  };
  walk(parse(text, { ecmaVersion: 'latest' }));
  return found;
}

describe('the JSONata package', () => {
  const { version, main } = read(`${folder}/package.json`) as { version: string; main: string };

  it('is of the version that package.json names exactly, and whose test suite is run', () => {
    const { jsonata } = read('package.json')['dependencies'] as Record<string, string>;
    assert.deepEqual({ installed: version, named: jsonata }, { installed: jsonata, named: known.version });
    assert.ok(readFileSync('test/jsonata-suite/README.md', 'utf8').includes(`version ${version},`));
  });

  it('has the bodies that are changed or relied on', () => {
    const [given, changed] = [functionsOf(readFileSync(`${folder}/${main}`, 'utf8')), functionsOf(source)];
    const bodies = [...given].filter(([name, body]) => relied.test(name) || changed.get(name) !== body);
    assert.deepEqual(
      Object.fromEntries(bodies.map(([name, body]) => [name, hash('sha256', body).slice(0, 12)])),
      known.bodies,
      `JSONata ${version} has other bodies than ${known.version} of what runtime/map/package.ts changes or runtime/map/compile does again: compare them, then write them into test/jsonata/bodies.json`,
    );
  });
});
