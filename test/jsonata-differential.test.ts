/** Random expressions on random inputs: compiled, they give what the interpreter gives, or fail as it fails. */
import fc from 'fast-check';
import { mappingFunctions } from '../runtime/map/functions.ts';
import { valueMaps } from '../runtime/values/value-maps.ts';
import { onBoth, ranOutOfTime } from './jsonata/engines.ts';
import { expression } from './jsonata/grammar.ts';
import { input } from './jsonata/inputs.ts';

/** A long run: JSONATA_RUNS=1000000 JSONATA_SEED=7 npx mocha test/jsonata-differential.test.ts */
const numRuns = Number(process.env.JSONATA_RUNS ?? 2000);
const seed = Number(process.env.JSONATA_SEED ?? 1);
const timeout = 200;

const uom = { map: 'uom', owner: 'master-data', summary: 'Units', entries: [{ from: 'EA', to: 'Units' }] };
const bindings = {
  ...mappingFunctions(valueMaps([uom])),
  a: 3,
  b: [{ sku: 'A', price: 1.5 }, { sku: 'B' }],
  twice: (x: number) => 2 * x,
  nothing: () => undefined,
  given: (...all: unknown[]) => all,
  fail: () => {
    throw new TypeError('failed');
  },
};

describe('random expressions', function () {
  this.timeout(0);

  it(`${numRuns} of them give the same on both engines`, async () => {
    const counts = { compiled: 0, interpreted: 0, values: 0, errors: 0 };
    const property = fc.asyncProperty(expression, input, async (text, given) => {
      const both = await onBoth(text, timeout)(given, bindings);
      if (ranOutOfTime(both)) return;
      counts[both.notCompiled === undefined ? 'compiled' : 'interpreted']++;
      counts['code' in both.interpreted ? 'errors' : 'values']++;
      if (both.compiled.told !== both.interpreted.told)
        throw new Error(`${text}\ncompiled: ${both.compiled.told}\ninterpreted: ${both.interpreted.told}`);
    });
    await fc.assert(property, {
      numRuns,
      seed,
      ...(process.env.JSONATA_RUNS ? {} : { interruptAfterTimeLimit: 60_000 }),
    });
    console.log(`      ${JSON.stringify(counts)}`);
  });
});
