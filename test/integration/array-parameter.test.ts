import { expect } from 'chai';
import fc from 'fast-check';
import { createDatabase, type TestDatabase } from '../support/database.js';

describe('an array sent to PostgreSQL', () => {
  let database: TestDatabase;
  before(async () => {
    database = await createDatabase();
  });
  after(() => database.close());

  const echo = async (type: string, value: readonly unknown[]): Promise<unknown> => {
    const { rows } = await database.database.query<{ echoed: unknown }>({
      text: `select $1::${type}[] as echoed`,
      values: [value],
    });
    return rows[0]?.echoed;
  };

  it('arrives with every text as it was', async () => {
    const hostile = [
      '',
      'null',
      'NULL',
      '{',
      '}',
      ',',
      '"',
      '\\',
      '\\"',
      '\n',
      '\t\r\b',
      ' a ',
      "'",
      '🐇',
      'a,b',
      '{}',
    ];
    expect(await echo('text', hostile)).to.deep.equal(hostile);
    // PostgreSQL has no text with a zero byte, nor with half a character.
    const text = fc.string({ unit: 'grapheme' }).map((some) => some.replaceAll('\0', ''));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1 }), async (texts) => {
        expect(await echo('text', texts)).to.deep.equal(texts);
      }),
      { numRuns: 200 },
    );
  });

  it('arrives with every JSON value as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json({ stringUnit: 'grapheme' }), { minLength: 1 }), async (values) => {
        const sent = values.filter((value) => !/\\u0000|\\ud[89a-f]/i.test(value));
        const echoed = (await echo('jsonb', sent)) as readonly unknown[];
        // PostgreSQL knows no negative zero, nor does JSON as it is written.
        expect(echoed).to.deep.equal(sent.map((value) => JSON.parse(JSON.stringify(JSON.parse(value)))));
      }),
      { numRuns: 100 },
    );
  });

  it('arrives with numbers, truths, times and nothings as they were', async () => {
    const ids = ['01938f00-0000-7000-8000-000000000001', '01938f00-0000-7000-8000-000000000002'];
    const times = [new Date(0), new Date('2026-11-21T12:00:00.123Z')];
    expect(await echo('uuid', ids)).to.deep.equal(ids);
    expect(await echo('integer', [1, -2, 0])).to.deep.equal([1, -2, 0]);
    expect(await echo('boolean', [true, false])).to.deep.equal([true, false]);
    expect(await echo('timestamptz', times)).to.deep.equal(times);
    expect(await echo('text', [null, undefined, 'x'])).to.deep.equal([null, null, 'x']);
    expect(await echo('bytea', [Buffer.from('a,b')])).to.deep.equal([Buffer.from('a,b')]);
    // Of which pg makes no numbers.
    expect(await echo('bigint', [0, -1, 2 ** 53 - 1])).to.deep.equal(['0', '-1', '9007199254740991']);
    expect(await echo('float8', [0.1, -1e300, 5e-324])).to.deep.equal([0.1, -1e300, 5e-324]);
    expect(await echo('text', [])).to.deep.equal([]);
  });

  it('arrives whole however large it is', async () => {
    const texts = ['x', 'ü'.repeat(400_000), '', '🐇'.repeat(100_000)];
    expect(await echo('text', texts)).to.deep.equal(texts);
    expect(await echo('text', ['y'])).to.deep.equal(['y']);
  });

  it('is left to PostgreSQL where something in it is not what it is cast to, which reads it or says what is wrong', async () => {
    const id = 'ABCDEF00-0000-7000-8000-000000000001';
    expect(await echo('uuid', [id, `{${id}}`])).to.deep.equal([id.toLowerCase(), id.toLowerCase()]);
    expect(await echo('text', [1, true])).to.deep.equal(['1', 'true']);
    expect(await echo('bigint', ['7', 8])).to.deep.equal(['7', '8']);
    const { rows } = await database.database.query({
      text: 'select $1::text[] as texts, $1::uuid[] as ids',
      values: [[id]],
    });
    expect(rows).to.deep.equal([{ texts: [id], ids: [id.toLowerCase()] }]);
    const codeOf = (type: string, values: readonly unknown[]): Promise<unknown> =>
      echo(type, values).then(
        () => 'taken',
        ({ code }) => code,
      );
    expect(await codeOf('uuid', ['no-id'])).to.equal('22P02');
    expect(await codeOf('uuid', ['01938f00-0000-7000-8000-00000000000g'])).to.equal('22P02');
    expect(await codeOf('integer', [2 ** 31])).to.equal('22003');
    expect(await codeOf('integer', [1.5])).to.equal('22P02');
    expect(await codeOf('text', ['a\0b'])).to.equal('22021');
    expect(await codeOf('jsonb', ['{'])).to.equal('22P02');
    expect(await codeOf('jsonb', ['"\\u0000"'])).to.equal('22P05');
  });
});
