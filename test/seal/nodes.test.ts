/** A query over several tables: a sealed column is compared in its own table, by the row of that table. */
import assert from 'node:assert/strict';
import { DummyDriver, Kysely, SqliteAdapter, SqliteQueryCompiler } from 'kysely';
import type { Tables } from '../../runtime/journal/tables.ts';
import { storeKeys, keySetting } from '../../runtime/seal/keys.ts';
import { sealing } from '../../runtime/seal/plugin.ts';
import { formsOf } from '../../runtime/seal/columns.ts';
import { newKey } from './with-key.ts';

const keys = storeKeys({ [keySetting]: newKey() })!;
const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: () => assert.fail(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  ...sealing(keys, 'sqlite'),
});
const joined = db
  .selectFrom('issue_event as event')
  .innerJoin('issue', 'issue.id', 'event.issue')
  .select('event.who');

describe('a sealed column in a join', () => {
  it('is compared by the row of its own table', () => {
    const { parameters } = joined
      .where('issue.id', '=', 'i1')
      .where('event.id', '=', 'e1')
      .where('issue.why', '=', 'late')
      .compile();
    assert.deepEqual(parameters, ['i1', 'e1', ...formsOf(keys, 'issue', 'why', ['i1'], 'late')]);
  });

  it('is refused where the row that is named is of the other table', () => {
    const query = joined.where('event.id', '=', 'e1').where('issue.why', '=', 'late');
    assert.throws(() => query.compile(), /issue\.why is sealed, and the query does not name its row/);
  });

  it('is refused without its table', () => {
    const query = joined.where('issue.id', '=', 'i1').where('why', '=', 'late');
    assert.throws(() => query.compile(), /why is sealed, and the query does not name its table/);
  });

  it('is read by no name that does not tell that it is sealed', () => {
    const read = (name: string) => db.selectFrom('step').select((x) => x.ref('message').as(name));
    assert.doesNotThrow(() => read('detail').compile());
    assert.throws(() => read('text').compile(), /text is sealed, and is read by a name/);
  });
});
