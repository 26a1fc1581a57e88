/** A peer's fleet: the same processes as Warren's, on its own schema, with the same sandbox. */
import { randomBytes } from 'node:crypto';
import { Database } from '../../shared/postgres/database.js';
import { procfileArguments } from '../support/procfile.js';
import { BenchFleet } from './bench-fleet.js';
import { type Contestant, plentyOfStock } from './order-system.js';
import { PEERS } from './peer-build.js';
import { verifyPeer } from './verify-peer.js';

const WORKERS = ['email', 'inventory', 'orders', 'payment', 'relay', 'shipping'];
const CURRENCY = 'GBP';

export const golevelup = peer('golevelup', 'golevelup');
export const plainAmqplib = peer('plain', 'plain amqplib');

function peer(name: string, title: string): Contestant {
  return {
    name,
    title,
    async standing({ options, servers, signal, say }, act) {
      const key = randomBytes(16).toString('hex');
      const fleet = await BenchFleet.prepare({
        urls: servers.urls,
        folder: '.local/bench/fleet',
        environment: { STOREFRONT_KEY: key },
        profileFolder: options.profileFolder,
        signal,
        argumentsOf: (process) => [...v8Options(process), script(name, process), process],
      });
      const database = new Database({
        url: servers.urls.DATABASE_URL,
        connections: 2,
        applicationName: 'warren bench',
      });
      try {
        say(`making tables and queues of ${title}, starting its intake, filling the shelves`);
        await fleet.release();
        await fillShelves(database, options.lines);
        await Promise.all([fleet.startWeb(), fleet.startSandbox()]);
        const verify = (orders: number) =>
          verifyPeer(orders, { database, servers, providerUrl: fleet.providerUrl, mailSinkUrl: fleet.mailSinkUrl });
        return await act({ fleet, database, key, workers: WORKERS, verify });
      } finally {
        await fleet.stop();
        await database.close();
      }
    },
  };
}

/** Those of Warren's process of that name, so that neither is ahead by them. */
const v8Options = (process: string): string[] => procfileArguments(process).filter((option) => option.startsWith('--'));

const script = (name: string, process: string): string =>
  process === 'release' ? `${PEERS}/dist/flow/release.js` : `${PEERS}/dist/${name}/start.js`;

async function fillShelves(database: Database, lines: number): Promise<void> {
  const stock = plentyOfStock(lines);
  const skus = stock.map(({ sku }) => sku);
  const received = stock.map(({ received }) => received);
  await database.query({
    text: 'insert into products (sku, price_amount, currency) select *, $3 from unnest($1::text[], $2::bigint[])',
    values: [skus, stock.map(({ price }) => price), CURRENCY],
  });
  await database.query({
    text: 'insert into stock (sku, on_hand) select * from unnest($1::text[], $2::bigint[])',
    values: [skus, received],
  });
  await database.query({
    text: `insert into stock_movements (id, sku, kind, quantity)
           select gen_random_uuid(), sku, 'received', quantity from unnest($1::text[], $2::bigint[]) as line (sku, quantity)`,
    values: [skus, received],
  });
}
