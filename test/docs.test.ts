import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { madeDocs } from '../cli/docs.ts';

describe('reference docs', () => {
  it('are what the definitions and the error table say (else run `crossdock docs`)', async () => {
    for (const [name, text] of await madeDocs('nodes')) {
      assert.equal(await readFile(`docs/${name}`, 'utf8'), text, `docs/${name} has drifted`);
    }
  });
});
