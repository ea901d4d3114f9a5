/** Notices by e-mail: what a mail server gets, and what is said where it takes none. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { send } from '../runtime/alerts/send.ts';
import { coded } from './conformance/kit.ts';

const channel = { kind: 'email', server: '${SMTP}', from: '${FROM}', to: '${TO}' } as const;
const now = new Date('2030-03-10T12:00:00.000Z');
const what = 'Odoo is away: Zahlungen warten seit 12 Uhr – 500 € sind blockiert.';
const told = { id: 'outage/1', is: 'test', what, at: now.toISOString() } as const;

interface Got {
  from: string;
  to: string[];
  mail: string;
}

describe('alerts by e-mail', () => {
  let server: SMTPServer;
  let got: Got[];
  const listening = async (options: SMTPServerOptions = {}): Promise<string> => {
    got = [];
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, { envelope }, done) {
        void text(stream).then((mail) => {
          const { mailFrom, rcptTo } = envelope;
          got.push({
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            mail,
          });
          done();
        });
      },
      ...options,
    });
    // A client that leaves in the middle is no matter of these tests.
    server.on('error', () => {});
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return `127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  };
  afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const sending = (smtp: string, more: { what?: string } = {}) => {
    const to = 'finance@example.com, night@example.com';
    const given: Record<string, string> = { SMTP: smtp, FROM: 'hub@example.com', TO: to };
    return send(channel, { ...told, ...more }, (name) => given[name], now);
  };

  it('are mails to all who are named, with a subject, and the same mail when sent twice', async () => {
    const host = await listening();
    await sending(`smtp://${host}`);
    await sending(`smtp://${host}`);
    const [first, second] = got;
    assert.equal(first!.from, 'hub@example.com');
    assert.deepEqual(first!.to, ['finance@example.com', 'night@example.com']);
    assert.match(first!.mail, /^Auto-Submitted: auto-generated\r$/m);
    const idOf = ({ mail }: Got) => /^Message-ID: (.*)\r$/m.exec(mail)?.[1];
    assert.match(idOf(first!)!, /^<[0-9a-f]+@crossdock>$/);
    assert.equal(idOf(first!), idOf(second!));
    const [, body = ''] = /\r\n\r\n([^]*)$/.exec(first!.mail)!;
    const read = /base64/i.test(first!.mail)
      ? Buffer.from(body, 'base64').toString()
      : Buffer.from(body.replaceAll('=\r\n', '').replaceAll(/=([0-9A-F]{2})/g, '%$1')).toString();
    assert.equal((read.includes('%E2') ? decodeURIComponent(read) : read).trim(), what);
  });

  it('send no password over a line that is not encrypted', async () => {
    let asked = false;
    const host = await listening({
      onAuth(_auth, _session, done) {
        asked = true;
        done(null, { user: 'hub' });
      },
      allowInsecureAuth: true,
    });
    await assert.rejects(sending(`smtp://hub:password@${host}`), coded('PARTNER_REFUSED'));
    assert.deepEqual([asked, got.length], [false, 0]);
  });

  it('that are not taken say so, without what the server said', async () => {
    const host = await listening({
      onRcptTo: ({ address }, _session, done) => done(new Error(`${address} is not at home`)),
    });
    await assert.rejects(sending(`smtp://${host}`), (error: Error) => {
      coded('PARTNER_REFUSED')(error);
      assert.doesNotMatch(error.message, /example|home/);
      return true;
    });
    await assert.rejects(sending('smtp://127.0.0.1:9'), coded('PARTNER_UNREACHABLE'));
    for (const wrong of ['http://127.0.0.1', 'mail.example.com', 'smtp://'])
      await assert.rejects(sending(wrong), coded('CONFIG_INVALID'), wrong);
  });

  it('have no line of a header in what is written', async () => {
    const host = await listening();
    await sending(`smtp://${host}`, { what: 'Odoo is away\r\nBcc: spy@example.com' });
    const [head = ''] = got[0]!.mail.split('\r\n\r\n');
    assert.doesNotMatch(head, /^Bcc/m);
    assert.deepEqual(got[0]!.to, ['finance@example.com', 'night@example.com']);
  });
});
