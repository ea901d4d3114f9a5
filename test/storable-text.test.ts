/** Ids that one store would keep and another refuse reach neither. */
import assert from 'node:assert/strict';
import { envelope } from '../runtime/envelope/envelope.ts';
import { externalId } from '../runtime/odoo/external-id.ts';

const bad = ['1\0', '\uD83D', '\uDE00\uD83D'];

describe('text that every store keeps', () => {
  it('a business key', () => {
    const known = { source: 's', type: 't', flow: 'f', flowversion: '1', data: {} };
    for (const subject of bad) assert.throws(() => envelope({ ...known, subject }), { code: 'TEXT_INVALID' });
    assert.equal(envelope({ ...known, subject: '1😀' }).subject, '1😀');
  });

  it('an id of a partner: two halves of pairs would be one external id', () => {
    for (const id of bad) assert.throws(() => externalId('shop', 'order', id), { code: 'TEXT_INVALID' });
    assert.equal(externalId('shop', 'order', 'é'), 'shop.order__c3_a9');
  });
});
