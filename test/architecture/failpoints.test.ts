import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { FAILPOINTS } from '../../shared/observability/failpoint.js';

/** What others can see: committed, acked, published, marked, taken. */
const VISIBLE =
  /\.ack\(\)|ublisher\.publish\(|forgetSent\(|cache\.mark\(|lease\w+\(database|claimInbox\(|storeMessages\(|fireDueTimers\(|fileDeadLetters\(|\.transaction\(/;

/** One transaction each, and nothing outside of it: dying leaves all of it or none. */
const ONE_TRANSACTION = [
  'api/development-keys.ts',
  'api/operators/change.ts',
  'api/operators/replays/import-messages.ts',
  'api/storefronts/storefront.ts',
  'shared/postgres/order-ends.ts',
  'shared/postgres/retention.ts',
  'shared/postgres/roles.ts',
  'shared/postgres/settled-letters.ts',
  'workers/dead-letters/work-off-job.ts',
  'api/webhooks/endpoint-rows.ts',
  'workers/webhooks/settlements.ts',
  'workers/webhooks/spread.ts',
];
/** What it does is rolled back: dying leaves none of it. */
const ROLLED_BACK = ['shared/actors/replay/decisions.ts'];
/** They look and change nothing. */
const READING = ['api/orders/awaited-orders.ts', 'api/orders/event-stream.ts', 'api/orders/order-events.ts'];
/** Their callers pass the failpoints. */
const CALLED = [
  'shared/postgres/dead-letters.ts',
  'shared/postgres/inbox.ts',
  'shared/postgres/outbox.ts',
  'shared/postgres/storefront-rows.ts',
];

describe('failpoints', () => {
  let sources: Map<string, string>;

  before(async () => {
    const files = await Promise.all(
      ['api', 'shared', 'workers'].map(async (folder) =>
        (await readdir(folder, { recursive: true }))
          .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
          .map((file) => join(folder, file)),
      ),
    );
    sources = new Map(
      await Promise.all(files.flat().map(async (file) => [file, await readFile(file, 'utf8')] as const)),
    );
  });

  it('stand wherever something is done that others can see', () => {
    const visible = [...sources].filter(([, text]) => VISIBLE.test(text));
    expect(visible.length).to.be.above(10);
    const without = visible.filter(([, text]) => !/\bfailpoint\w*\('/.test(text)).map(([file]) => file);
    expect(without).to.have.members([...ONE_TRANSACTION, ...ROLLED_BACK, ...READING, ...CALLED]);
  });

  it('are each passed somewhere, and no other', () => {
    const passed = [...sources.values()].flatMap((text) =>
      [...text.matchAll(/\bfailpoint\w*\('([a-z-]+)'[,)]/g)].map(([, name]) => name),
    );
    expect([...new Set(passed)]).to.have.members(Object.keys(FAILPOINTS));
  });
});
