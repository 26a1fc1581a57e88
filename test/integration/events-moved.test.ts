import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { newId } from '../../shared/messaging/message-id.js';
import { Deployment } from '../support/deployment.js';
import { type OperatorAnswer, operate } from '../support/operator.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

interface Line {
  readonly id: string;
  readonly type: string;
  readonly orderId: string;
  readonly payload: object;
}

describe('messages of the event log', () => {
  let fleet: Deployment;
  let order: string;
  let folder: string;
  const why = ['--reason', 'to see it'];

  before(async function () {
    this.timeout(120_000);
    fleet = await Deployment.start();
    const shop = new Storefront(fleet);
    order = await shop.place();
    await shop.place();
    await shop.reached(order, 'SHIPPED');
    folder = await mkdtemp(join(tmpdir(), 'warren-test-'));
    await until('all that is bound to it has handled it', async () => {
      const { status, body } = await operate(fleet.url, 'GET', `/orders/${order}/explanation`);
      return status === 200 && body['done'] === true;
    });
  });
  after(async () => {
    await fleet.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const warren = async (...args: string[]): Promise<{ code: number | null; out: string; err: string }> => {
    const { child } = fleet.spawn('scripts/warren.js', args, { WARREN_URL: fleet.url });
    let [out, err] = ['', ''];
    child.stdout?.on('data', (text) => {
      out += text;
    });
    child.stderr?.on('data', (text) => {
      err += text;
    });
    await once(child, 'close');
    return { code: child.exitCode, out, err };
  };
  const exported = async (...args: string[]): Promise<Line[]> => {
    const { code, out, err } = await warren('events', 'export', ...args);
    if (code !== 0) throw new Error(err);
    const lines = out.split('\n').filter((line) => line !== '');
    expect(err).to.equal(`${lines.length} messages\n`);
    return lines.map((line) => JSON.parse(line));
  };
  const file = async (...lines: unknown[]): Promise<string> => {
    const path = join(folder, `${newId()}.ndjson`);
    await writeFile(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
    return path;
  };
  const replays = async (): Promise<Record<string, unknown>[]> => {
    const { body } = await operate(fleet.url, 'GET', '/replays');
    return body['items'] as Record<string, unknown>[];
  };
  const kept = async (): Promise<number> =>
    (await fleet.database.database.query({ text: 'select 1 from replay_messages' })).rowCount;

  it('are exported whole and in their order, or those of an order, a type and a time, over any number of pages', async () => {
    const { rows } = await fleet.database.database.query<{ id: string }>({
      text: 'select id from event_log order by id',
    });
    const all = await exported();
    expect(all.map(({ id }) => id)).to.include.members(rows.map(({ id }) => id));
    expect(all.map(({ id }) => id)).to.deep.equal([...all.map(({ id }) => id)].sort());
    const placed = await exported('--order', order, '--type', 'orders.order-p*', '--from', '2026-01-01');
    expect(placed.map(({ type, orderId }) => [type, orderId])).to.deep.equal([['orders.order-placed', order]]);
    expect(placed[0]).to.have.all.keys(
      ...['id', 'type', 'version', 'orderId', 'causationId', 'producer', 'occurredAt', 'payload'],
    );
    expect(await exported('--until', '2020-01-01')).to.deep.equal([]);
    const paged: unknown[] = [];
    let cursor: unknown;
    do {
      const query = cursor === undefined ? '' : `&cursor=${cursor}`;
      const { body }: OperatorAnswer = await operate(fleet.url, 'GET', `/events?limit=3&order=${order}${query}`);
      paged.push(...(body['items'] as Line[]));
      cursor = body['nextCursor'];
    } while (cursor !== undefined);
    expect(paged).to.deep.equal(await exported('--order', order));
  });

  it('are imported for one actor: what it handled is skipped, what it does not take is left out', async () => {
    const lines = await exported('--order', order);
    const taken = lines.filter(
      ({ type }) =>
        type === 'orders.order-placed' || type === 'orders.order-cancelled' || type === 'shipping.order-shipped',
    );
    const path = await file(...lines, '', ...lines);
    const { code, out, err } = await warren('events', 'import', path, '--to', 'inventory', ...why);
    expect([code, out]).to.satisfy(([code, out]: [number, string]) => code === 1 && out.includes('nothing to send'));
    expect(out).to.include('are handled by inventory already');
    expect(err).to.match(/messages imported; \d+ that inventory does not take are left out/);
    expect((await replays())[0]).to.deep.include({ imported: true, status: 'rehearsed', from: null, to: 'inventory' });
    const rehearsal = (await replays())[0]?.['rehearsal'] as { readonly total: number };
    expect(rehearsal.total).to.equal(taken.length);
  });

  /** An order like the one that the storefront placed, as if its rows had been moved as well. */
  const store = (id: string) =>
    fleet.database.database.query({
      text: `insert into orders select copy.* from orders,
             jsonb_populate_record(orders, jsonb_build_object('id', $2::text, 'reference', null)) as copy where orders.id = $1`,
      values: [order, id],
    });

  it('of another fleet are sent once, though the file is imported twice', async () => {
    const [placed] = await exported('--order', order, '--type', 'orders.order-placed');
    const other = newId();
    await store(other);
    const foreign = { ...placed, id: newId(), orderId: other, payload: { ...placed?.payload, orderId: other } };
    const path = await file(foreign);
    const first = await warren('events', 'import', path, '--to', 'inventory', '--start', '--follow', ...why);
    expect(first.code, first.out + first.err).to.equal(0);
    expect(first.out).to.include('new reservations').and.include('finished: 1 of 1 sent');
    const reserved = async (): Promise<unknown> =>
      (
        await fleet.database.database.query({
          text: 'select status from reservations where order_id = $1',
          values: [other],
        })
      ).rows;
    expect(await reserved()).to.deep.equal([{ status: 'reserved' }]);
    const again = await warren('events', 'import', path, '--to', 'inventory', '--start', ...why);
    expect([again.code, again.out]).to.satisfy(
      ([code, out]: [number, string]) => code === 1 && out.includes('1 are handled by inventory already'),
    );
    const { rows } = await fleet.database.database.query({
      text: "select 1 from replay_messages join replays on replays.id = replay_id where status = 'finished'",
    });
    expect(rows).to.deep.equal([]);
  });

  it('are refused by the number of their line where one does not fit, and then none is replayed', async () => {
    const [placed] = await exported('--order', order, '--type', 'orders.order-placed');
    const before = await kept();
    for (const [bad, says] of [
      ['{"id":', 'line 3 is no JSON'],
      [{ ...placed, payload: { orderId: 7 } }, 'line 3: payload orders.order-placed at '],
      [{ ...placed, version: 99 }, 'line 3: payload orders.order-placed arrived as version 99'],
      [{ ...placed, id: 'seven' }, 'line 3: id must be a UUID'],
      [{ ...placed, id: '9b2d7c1e-0000-4000-8000-000000000001' }, 'line 3: id has to be a UUID of version 7'],
      [{ ...placed, payload: { ...placed?.payload, total: { amount: 1, currency: 'GBP' } } }, 'line 3: id stands for'],
      [{ ...placed, more: 1 }, 'line 3: '],
      ['7', 'line 3: '],
    ] as const) {
      const path = await file(placed, '', bad);
      const { code, err } = await warren('events', 'import', path, '--to', 'inventory', ...why);
      expect(code, err).to.equal(1);
      expect(err).to.include(`${path}: `).and.include(says).and.include('nothing of it is replayed');
      expect((await replays())[0]).to.include({ status: 'cancelled' });
    }
    const missing = await warren('events', 'import', join(folder, 'nothing'), '--to', 'inventory', ...why);
    expect([missing.code, missing.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 1 && err.includes('ENOENT'),
    );
    const none = await warren('events', 'import', await file(''), '--to', 'inventory', ...why);
    expect([none.code, none.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 1 && err.includes('no message in it that inventory takes'),
    );
    expect(await kept()).to.equal(before);
  });
});
