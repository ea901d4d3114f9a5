/** Texts that are sealed: they open in their row, under their key, as they were written, and nowhere else. */
import assert from 'node:assert/strict';
import { sealText, openText, placeText, keyIdOf, blind } from '../../runtime/seal/seal.ts';
import { sealedColumn } from '../../runtime/seal/columns.ts';
import { keySetting, oldKeysSetting, storeKeys } from '../../runtime/seal/keys.ts';
import { coded } from '../conformance/kit.ts';
import { newKey } from './with-key.ts';

const keysOf = (now?: string, ...old: string[]) =>
  storeKeys({ ...(now && { [keySetting]: now }), [oldKeysSetting]: old.join(' ') })!;
const place = { table: 'document', column: 'body', row: ['order-said', 'shop/1'] };
const text = JSON.stringify({ name: 'Ottoline Quimby', city: 'Köln', sum: '1.00' });

describe('a sealed text', () => {
  const keys = keysOf(newKey());
  const key = keys.current!;
  const sealed = sealText(key, place, text, { type: 'order.received.v1' });

  it('opens in its place, shows what is beside it and nothing else', () => {
    assert.equal(openText(keys, placeText(place), sealed), text);
    const { enc, ...beside } = JSON.parse(sealed) as Record<string, string>;
    assert.deepEqual(beside, { type: 'order.received.v1' });
    assert.ok(!Buffer.from(enc!.split('.')[2]!, 'base64url').includes('Quimby'));
    assert.equal(openText(keys, placeText(place), text), text);
  });

  it('opens in no other row, column or table', () => {
    for (const other of [
      { ...place, row: ['order-said', 'shop/2'] },
      { ...place, row: ['order-kept', 'shop/1'] },
      { ...place, column: 'id' },
      { ...place, table: 'process' },
    ])
      assert.throws(() => openText(keys, placeText(other), sealed), coded('STORE_TAMPERED'));
  });

  it('does not open when any part of it was changed', () => {
    const from = sealed.indexOf('.', sealed.indexOf(key.id)) + 1;
    const to = sealed.indexOf('"', from);
    for (let at = from; at < to; at += 1) {
      const other = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      // Of the last character not every bit counts.
      if (
        Buffer.from(other.slice(from, to), 'base64url').equals(
          Buffer.from(sealed.slice(from, to), 'base64url'),
        )
      )
        continue;
      assert.throws(() => openText(keys, placeText(place), other), coded('STORE_TAMPERED'), String(at));
    }
    for (const other of [
      sealed.replace('order.received', 'payment.received'),
      sealed.replace(/,"type":"[^"]+"/, ''),
      sealed.slice(0, -1),
      sealed.replace(/\.[\w-]+"/, '.AAAA"'),
    ])
      assert.throws(() => openText(keys, placeText(place), other), coded('STORE_TAMPERED'), other);
  });

  it('names the key that is missing, and is not opened by another one', () => {
    const others = keysOf(newKey());
    assert.throws(
      () => openText(others, placeText(place), sealed),
      (error: Error) => coded('STORE_KEY_MISSING')(error) && error.message.includes(key.id),
    );
    const renamed = sealed.replace(key.id, others.current!.id);
    assert.throws(() => openText(others, placeText(place), renamed), coded('STORE_TAMPERED'));
  });

  it('is the same for the same text in the same row, and another one everywhere else', () => {
    const again = sealText(key, place, text, { type: 'order.received.v1' });
    assert.equal(again, sealed);
    const elsewhere = [
      sealText(key, { ...place, row: ['order-said', 'shop/2'] }, text),
      sealText(key, place, `${text} `),
      sealText(keysOf(newKey()).current!, place, text),
    ];
    const nonceOf = (one: string) => one.slice(one.lastIndexOf('.') + 1).slice(0, 16);
    assert.equal(new Set([sealed, ...elsewhere].map(nonceOf)).size, 4);
  });

  it('is only there where there is a key to write with', () => {
    const secret = newKey();
    const [now, before] = [keysOf(secret), keysOf(undefined, secret)];
    const written = sealedColumn(now, 'document', 'body', place.row, text);
    assert.equal(keyIdOf(written), now.current!.id);
    assert.equal(sealedColumn(before, 'document', 'body', place.row, text), text);
    assert.equal(openText(before, placeText(place), written), text);
    assert.equal(sealedColumn(now, 'document', 'body', place.row, ''), '');
  });
});

describe('the keys of the store', () => {
  it('are 32 bytes in base64, and known by an id that does not tell them', () => {
    const secret = newKey();
    const { current } = keysOf(secret);
    assert.match(current!.id, /^[0-9a-f]{8}$/);
    assert.equal(keysOf(undefined, newKey(), secret).all.has(current!.id), true);
    assert.ok(!Buffer.from(secret, 'base64').toString('hex').includes(current!.id));
    assert.notEqual(blind(current!, 'a@b.c'), blind(keysOf(newKey()).current!, 'a@b.c'));
  });

  for (const [title, key] of [
    ['short', Buffer.alloc(16).toString('base64')],
    ['long', Buffer.alloc(33).toString('base64')],
    ['no base64', 'x y z'.repeat(9)],
  ] as const)
    it(`are refused when one is ${title}, and never quoted`, () => {
      assert.throws(
        () => keysOf(key),
        (error: Error) => coded('CONFIG_INVALID')(error) && !error.message.includes(key),
      );
    });

  it('are none where none is set', () => {
    assert.equal(storeKeys({}), undefined);
    assert.equal(storeKeys({ [keySetting]: '' }), undefined);
  });
});
