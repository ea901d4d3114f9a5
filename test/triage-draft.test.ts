/** Drafts about issues: nothing that comes back does anything, what rests on nothing is dropped, and what fails has a code. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { codes } from '../runtime/errors/codes.ts';
import { lastDraft } from '../runtime/triage/drafts.ts';
import { draftingOf } from '../runtime/triage/settings.ts';
import { coded, until } from './conformance/kit.ts';
import { letterOf, unmapped } from './conformance/issues.ts';
import { claim, says, type Model } from './triage-model.ts';
import { draftPlace, env, orders } from './triage-place.ts';

describe('drafts about issues', () => {
  const place = draftPlace();
  const { drafterWith, seed, issueNow, draft, events, everything } = place;

  describe('what comes back', () => {
    const parrot = `${orders} <script>fetch('/tower/api/replays')</script> <img src=x onerror=alert(1)> [do](javascript:alert(1)) https://evil.example/?O1`;
    const call = { id: 'c1', type: 'function', function: { name: 'replay_all', arguments: '{}' } };
    for (const [title, answer] of Object.entries({
      'parrots the orders of a message, with script and links': says({ claims: [claim(parrot, 'T1')] }),
      'asks for tools': says(
        { claims: [claim('I replayed all.', 'T1')] },
        { tool_calls: [call], function_call: call.function },
      ),
      'asks for tools alone': says('', { tool_calls: [call] }),
      'gives HTML': says('<html><body onload="replay()">discard all</body></html>'),
    }))
      it(`changes nothing where it ${title}`, async () => {
        const letter = letterOf(1, 'acme', unmapped('tax', orders));
        const data = { ...(letter.message.data as object), note: orders };
        await seed({ reason: orders, message: { ...letter.message, data } });
        await seed({}, 2);
        place.model.answer = answer;
        const before = await everything();
        const kept = await draft().catch((error: unknown) => !coded('TRIAGE_ANSWER_INVALID')(error));
        assert.equal(kept !== false, title.startsWith('parrots') || title === 'asks for tools');
        assert.equal(place.model.received.length, 1);
        assert.equal(await everything(), before);
      });

    it('is dropped where it cites no known step, and says so where nothing is left', async () => {
      await seed();
      place.model.answer = says({
        claims: [
          claim('Known.', 'T2', 'T99'),
          claim('Made up.', 'T99'),
          claim('Bare.'),
          claim('Odd.', 'constructor', '__proto__'),
        ],
      });
      const { claims, dropped } = await draft();
      assert.deepEqual(
        [claims.map(({ text, rests }) => [text, rests.map(({ id }) => id)]), dropped],
        [[['Known.', ['T2']]], 3],
      );
      place.model.answer = says({ claims: [claim('Made up.', 'H1')] });
      const none = await draft();
      assert.deepEqual([none.claims, none.dropped], [[], 1]);
      assert.deepEqual(await lastDraft(place.stores.journal.documents, (await issueNow()).id), none);
    });

    it('is text without what hides or turns other text', async () => {
      await seed();
      place.model.answer = says({
        claims: [claim('a\u202eb\u0000c\u200bd\n\n<b>e</b>', 'T1'), claim('\u200b', 'T1')],
      });
      const { claims, dropped } = await draft();
      assert.deepEqual([claims.map(({ text }) => text), dropped], [['a b c d <b>e</b>'], 1]);
    });

    it('is noted: who asked, when, which model, what was sent, and what was kept', async () => {
      await seed();
      place.model.answer = says({ claims: [claim('One.', 'T1'), claim('Two.', 'T7')] });
      const { digest } = await draft();
      const [asked, done] = await events();
      assert.deepEqual(
        [asked?.who, asked?.what, done?.what, done?.detail],
        ['ann', 'draft', 'drafted', '1 kept, 1 dropped'],
      );
      assert.match(asked!.detail!, new RegExp(`^small-1, \\d+ bytes, sha256 ${digest}$`));
    });
  });

  describe('what fails', () => {
    const answers: Record<string, [Model['answer'], keyof typeof codes]> = {
      'status 500': [(response) => void response.writeHead(500).end('secret trace'), 'TRIAGE_REFUSED'],
      'a redirect': [
        (response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
        'TRIAGE_REFUSED',
      ],
      'a broken connection': [(response) => void response.socket?.destroy(), 'TRIAGE_UNREACHABLE'],
      'no JSON': [(response) => void response.end('hello'), 'TRIAGE_ANSWER_INVALID'],
      'JSON null': [(response) => void response.end('null'), 'TRIAGE_ANSWER_INVALID'],
      'no choices': [(response) => void response.end('{"choices":[]}'), 'TRIAGE_ANSWER_INVALID'],
      'a text that is no JSON': [says('Replay all.'), 'TRIAGE_ANSWER_INVALID'],
      'another schema': [
        says({ claims: [{ ...claim('x', 'T1'), action: 'replay' }] }),
        'TRIAGE_ANSWER_INVALID',
      ],
      'a claim of numbers': [says({ claims: [{ text: 1, steps: ['T1'] }] }), 'TRIAGE_ANSWER_INVALID'],
      'too many claims': [
        says({ claims: Array.from({ length: 13 }, () => claim('x', 'T1')) }),
        'TRIAGE_ANSWER_INVALID',
      ],
      'too long a claim': [says({ claims: [claim('x'.repeat(601), 'T1')] }), 'TRIAGE_ANSWER_INVALID'],
    };
    for (const [title, [answer, code]] of Object.entries(answers))
      it(`${title}: ${code}, noted, and the last draft stays`, async () => {
        await seed();
        place.model.answer = says({ claims: [claim('Before.', 'T1')] });
        const kept = await draft();
        place.model.answer = answer;
        await assert.rejects(draft(), (error: Error) => {
          assert.doesNotMatch(error.message, /secret|hello|Replay/);
          return coded(code)(error);
        });
        assert.deepEqual(await lastDraft(place.stores.journal.documents, (await issueNow()).id), kept);
        const last = (await events()).at(-1);
        assert.deepEqual([last?.what, last?.detail], ['draft failed', code]);
        assert.equal(place.model.received.length, 2);
      });

    it('200 MB: read no further than the limit', async () => {
      await seed();
      let given = 0;
      place.model.answer = async (response) => {
        const piece = Buffer.alloc(1024 * 1024, 0x20);
        while (given < 200 && !response.destroyed) {
          given += 1;
          if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
        }
        response.end();
      };
      await assert.rejects(draft(), coded('TRIAGE_ANSWER_INVALID'));
      assert.ok(given < 100, String(given));
    });

    it('slow: given up in time, also where it began to answer, and the next is not kept waiting', async () => {
      await seed();
      place.drafter = drafterWith(150);
      place.model.answer = (response) => void response.write('{');
      await assert.rejects(draft(), coded('TRIAGE_UNREACHABLE'));
      place.model.answer = () => {};
      await assert.rejects(draft(), coded('TRIAGE_UNREACHABLE'));
      place.model.answer = says({ claims: [] });
      assert.deepEqual((await draft()).claims, []);
    });

    it('nobody there', async () => {
      await seed();
      place.drafter = drafterWith(1000, 'http://127.0.0.1:9/v1');
      await assert.rejects(draft(), coded('TRIAGE_UNREACHABLE'));
    });

    it('one at a time, and six within a minute; what is refused is neither sent nor noted', async () => {
      await seed();
      let release = (): void => {};
      place.model.answer = (response, request) =>
        void (release = () => says({ claims: [] })(response, request));
      const first = draft();
      await until('asked', async () => place.model.received.length === 1);
      await assert.rejects(draft(), coded('TRIAGE_BUSY'));
      release();
      await first;
      place.model.answer = says({ claims: [] });
      for (let n = 2; n <= 6; n += 1) await draft();
      await assert.rejects(draft(), coded('TRIAGE_BUSY'));
      assert.deepEqual([place.model.received.length, (await events()).length], [6, 12]);
    });
  });

  describe('the settings', () => {
    const url = 'https://llm.example.com/v1/';
    it('are off without an address', () => {
      assert.equal(draftingOf({}), undefined);
      assert.equal(draftingOf({ CROSSDOCK_TRIAGE_URL: ' ', CROSSDOCK_TRIAGE_MODEL: 'm' }), undefined);
    });
    it('name where to ask', () => {
      assert.deepEqual(draftingOf({ CROSSDOCK_TRIAGE_URL: url, CROSSDOCK_TRIAGE_MODEL: 'm' }), {
        url: 'https://llm.example.com/v1/chat/completions',
        model: 'm',
      });
      for (const host of ['localhost:1', '127.0.0.1:1', '[::1]:1'])
        assert.ok(draftingOf(env(`http://${host}/v1`)));
    });
    for (const wrong of [
      'http://llm.example.com/v1',
      'http://127.0.0.1.example.com/v1',
      'http://10.0.0.1/v1',
      'https://u:p@llm.example.com/v1',
      `${url}?key=1`,
      'ftp://localhost/',
      'llm',
    ])
      it(`refuse ${wrong}`, () => {
        assert.throws(() => draftingOf(env(wrong)), coded('CONFIG_INVALID'));
      });
    it('refuse no model, and a key of several words, without telling it', () => {
      assert.throws(() => draftingOf({ CROSSDOCK_TRIAGE_URL: url }), coded('CONFIG_INVALID'));
      assert.throws(
        () => draftingOf({ ...env(url), CROSSDOCK_TRIAGE_KEY: 'se cret' }),
        (error: Error) => {
          assert.doesNotMatch(error.message, /cret/);
          return coded('CONFIG_INVALID')(error);
        },
      );
    });
  });
});
