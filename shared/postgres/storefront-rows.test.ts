import { expect } from 'chai';
import fc from 'fast-check';
import type { OpenTransaction, Statement } from './database.js';
import { StorefrontRows } from './storefront-rows.js';

const A = '01a1fdae-cd70-732e-a92d-5b514a9e6f96';
const B = '01a1fdae-cd70-732e-a92d-5b514a9e6f97';

/** A database that notes what each transaction was begun with. */
function notingDatabase() {
  const begun: (readonly string[] | undefined)[] = [];
  const asked: Statement[] = [];
  const transaction: OpenTransaction = {
    query: async (statement) => {
      asked.push(statement);
      return { rows: [], rowCount: 0 };
    },
    commitBehind: () => undefined,
  };
  const rows = new StorefrontRows({
    transaction: (work, _watch, local) => {
      begun.push(local);
      return work(transaction);
    },
  });
  return { begun, asked, rows };
}

describe('the rows of a storefront', () => {
  it('are asked for under its name, and a batch under that of each of its storefronts once', async () => {
    const { begun, asked, rows } = notingDatabase();
    await rows.of(A).query({ text: 'select 1' });
    await rows.of(A, B, A).transaction((transaction) => transaction.query({ text: 'select 2' }));
    expect(begun).to.deep.equal([[`warren.storefronts = '{${A}}'`], [`warren.storefronts = '{${A},${B}}'`]]);
    expect(asked.map(({ text }) => text)).to.deep.equal(['select 1', 'select 2']);
  });

  it('are none for nobody', async () => {
    const { begun, rows } = notingDatabase();
    await rows.of().query({ text: 'select 1' });
    expect(begun).to.deep.equal([["warren.storefronts = '{}'"]]);
  });

  it('are asked for under nothing but an id, whatever text comes in its place', () => {
    const { begun, rows } = notingDatabase();
    const anything = fc.oneof(
      fc.string(),
      fc.string().map((text) => `${A}${text}x`),
      fc.string().map((text) => `'${text}${A}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        expect(() => rows.of(A, text)).to.throw(TypeError);
      }),
    );
    expect(begun).to.deep.equal([]);
  });
});
