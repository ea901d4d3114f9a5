/** What of each kind of EDI document is read: the list, the mappings and what a partner sends agree. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { itemsOf } from '../runtime/edi/understood.ts';
import { loadPartners } from '../runtime/partners/partners.ts';
import { definitions, known } from './edi-order-kit.ts';

describe('what is read of each kind of document', () => {
  const folder = join(definitions, 'mappings');
  const types = readdirSync(join(definitions, 'edi'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.split('.') as ['x12' | 'edifact', string])
    .map(([standard, type]) => known.get(standard, type)!)
    .filter(({ type, reads = [] }) => reads.length > 0 && !['997', 'CONTRL'].includes(type));
  /** By its text: what it says it holds against the list. */
  const mappingOf = ({ standard, type }: (typeof types)[number]) => {
    const names: Record<string, string> = {
      '850': 'order',
      ORDERS: 'order',
      '945': 'shipment',
      '944': 'receipt',
      '810': 'bill',
      INVOIC: 'bill',
    };
    return readFileSync(join(folder, `${standard}.${names[type]}.jsonata`), 'utf8');
  };

  it('is a list of what the mappings name, no more and no less', () => {
    assert.ok(types.length >= 6);
    for (const one of types) {
      const text = mappingOf(one);
      assert.match(text, /\$understood\(\$\)/, `${one.type} is held against its list`);
      const tags = [...one.tags].toSorted((a, b) => b.length - a.length).join('|');
      const named = new Set(
        [...text.matchAll(new RegExp(`\\b(${tags})(\\d\\d)\\b`, 'g'))].map(([name]) => name),
      );
      const read = [...itemsOf({ ...one, ignored: {}, refused: {} })].flatMap(([place, items]) =>
        items.map(({ elements: [from, to] }) => ({ tag: place.split('/').at(-1)!, from, to })),
      );
      const isRead = (name: string) =>
        read.some(({ tag, from, to }) => name.startsWith(tag) && within(name.slice(tag.length), from, to));
      assert.deepEqual(
        [...named].filter((name) => !isRead(name)),
        [],
        `${one.type}: read, and not in the list`,
      );
      const by = one.asks?.by ?? '';
      const unread = read.filter(
        ({ tag }) => ![...named, by].some((name) => name.startsWith(tag)) && !text.includes(`'${tag}'`),
      );
      assert.deepEqual(unread, [], `${one.type}: in the list, and not read`);
    }
  });

  it('is refused or ignored with a reason, where it is not read', () => {
    for (const { type, ignored = {}, refused = {} } of types)
      for (const [names, why] of [...Object.entries(ignored), ...Object.entries(refused)])
        assert.ok(why.length > 10, `${type}: ${names}`);
  });

  function within(digits: string, from: number, to: number): boolean {
    return /^\d\d$/.test(digits) && Number(digits) >= from && Number(digits) <= to;
  }
});

it('a partner may send only what is read', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-partners-'));
  const file = readFileSync(join(definitions, 'partners/midmart.yaml'), 'utf8');
  writeFileSync(join(dir, 'midmart.yaml'), file.replace("sends: ['850']", "sends: ['850', '860']"));
  const isRead = (standard: 'x12' | 'edifact', type: string) =>
    known.get(standard, type)?.reads !== undefined;
  assert.throws(() => loadPartners(dir, isRead), { code: 'CONFIG_INVALID', message: /sends 860/ });
  rmSync(dir, { recursive: true });
});
