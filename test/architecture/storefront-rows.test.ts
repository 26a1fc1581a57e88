import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';

/** Folders of what storefronts ask over HTTP. */
const FOLDERS = ['api/orders', 'api/stock', 'api/webhooks'];
/** Asks a database past `StorefrontRows`: by the class, by its parts, or by knex. */
const OTHER_DOOR =
  /import (?:type )?\{[^}]*\bDatabase\b[^}]*\} from '[^']*\/database\.js'|\bknex\b|\bimport\('[^']*database\.js'\)/;

describe('what storefronts ask', () => {
  it('goes through the one door that shows a storefront its own rows only', async () => {
    const paths = await Promise.all(
      FOLDERS.map(async (folder) => (await readdir(folder, { recursive: true })).map((file) => join(folder, file))),
    );
    const sources = paths.flat().filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
    expect(sources.length).to.be.above(15);
    const texts = await Promise.all(sources.map(async (path) => ({ path, text: await readFile(path, 'utf8') })));
    const other = texts.filter(({ text }) => OTHER_DOOR.test(text));
    expect(other.map(({ path }) => path)).to.deep.equal([]);
    expect(texts.some(({ text }) => text.includes('StorefrontRows'))).to.equal(true);
  });

  it('is caught when it takes another', () => {
    const planted = [
      "import type { Database } from '../../shared/postgres/database.js';",
      "import {\n  Database,\n  type Transaction,\n} from '../../shared/postgres/database.js';",
      "await database.knex('orders').select()",
    ];
    for (const text of planted) expect(OTHER_DOOR.test(text), text).to.equal(true);
    expect(OTHER_DOOR.test("import type { Transaction } from '../../shared/postgres/database.js';")).to.equal(false);
  });
});
