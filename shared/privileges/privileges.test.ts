import { expect } from 'chai';
import { listener } from '../../test/support/listener.js';
import { bigint, keyedState, ledger, text } from '../actors/keyed-state.js';
import { command, event } from '../messaging/contract.js';
import Type from '../messaging/typebox.js';
import { type DeclaredWorker, needsOfFleet, on } from './needs.js';
import { createRole, grantsTo, roleOf } from './postgres-role.js';
import { permissionsOf, userOf } from './rabbitmq-user.js';

const Baked = event('bakery.bread-baked', 1, Type.Object({}));
const Sold = event('shop.bread-sold', 1, Type.Object({}));
const Bake = command('bakery.bake-bread', 1, Type.Object({}));
const Shelf = keyedState('shelves', {
  key: { column: 'name', type: 'text' },
  fixed: { madeOf: text() },
  columns: { loaves: bigint() },
});
const Till = ledger('till_rolls', { pence: bigint() });

const worker = (name: string, rest: Partial<DeclaredWorker>): DeclaredWorker => ({
  ...{ name, actors: [], contracts: [], stores: [], worker: undefined },
  ...rest,
});
const bakery = worker('bakery', { actors: [{ definition: listener('bakery', Bake) }], contracts: [Baked, Bake] });
const shop = worker('shop', {
  actors: [{ definition: { ...listener('shop', Baked), states: { shelf: Shelf }, sends: [Bake] } }],
  contracts: [Sold],
  stores: [Shelf, Till],
});
const post = worker('post', { worker: { needs: { tables: [on('outbox', 'delete')], publishes: 'everything' } } });
const undertaker = worker('undertaker', {
  worker: { needs: { tables: [], addressesActors: true, consumes: ['morgue'] } },
});
const web = { tables: [on('orders', 'insert')], publishes: [Bake] };

describe('the needs of a process', () => {
  const fleet = needsOfFleet([bakery, shop, post, undertaker], web);
  const needsOf = (name: string) => {
    const found = fleet.find(({ process }) => process === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const keysOf = (name: string) =>
    Object.fromEntries(needsOf(name).publishes.map(({ exchange, routingKeys }) => [exchange, routingKeys]));

  it('follow from what an actor handles, owns and says that it sends', () => {
    const { bakery: ordered, shop: own, 'retry.1s': rung, unrelated } = keysOf('shop');
    expect(own).to.deep.equal(['shop', 'shop.bread-sold']);
    expect(ordered).to.deep.equal(['bakery.bake-bread']);
    expect(rung).to.deep.equal(['shop']);
    expect(unrelated).to.equal(undefined);
    expect(needsOf('shop').consumes).to.deep.equal(['shop']);
    expect(needsOf('shop').messages).to.deep.equal(['bakery.bake-bread', 'shop.bread-sold']);
  });

  it('are a state’s columns, of which those that are fixed never change, and a ledger’s rows', () => {
    expect(needsOf('shop').tables.filter(({ table }) => ['shelves', 'till_rolls'].includes(table))).to.deep.equal([
      { table: 'shelves', verbs: ['select', 'insert'], columns: ['name', 'version', 'loaves', 'made_of'] },
      { table: 'shelves', verbs: ['update'], columns: ['version', 'loaves'] },
      { table: 'till_rolls', verbs: ['insert'], columns: ['id', 'pence'] },
    ]);
    expect(needsOf('bakery').tables.some(({ table }) => table === 'shelves')).to.equal(false);
  });

  it('are everything that is published for a relay, and every queue’s own address for who redrives', () => {
    expect(keysOf('post')).to.deep.equal({
      bakery: ['bakery.bake-bread', 'bakery.bread-baked'],
      shop: ['shop.bread-sold'],
    });
    expect(keysOf('undertaker')).to.deep.equal({ bakery: ['bakery'], shop: ['shop'] });
    expect(needsOf('post').consumes).to.deep.equal([]);
  });

  it('are what web declares, and a sign of life, for web', () => {
    expect(keysOf('web')).to.deep.equal({ bakery: ['bakery.bake-bread'] });
    expect(needsOf('web').tables.map(({ table }) => table)).to.deep.equal(['instances', 'orders']);
  });

  it('let a user of RabbitMQ declare nothing, write where it publishes by its keys, and read its queues', () => {
    const { permissions, topics } = permissionsOf(needsOf('shop'));
    expect(permissions.configure).to.equal('^$');
    const mayWrite = (exchange: string) => new RegExp(permissions.write).test(exchange);
    expect(['shop', 'bakery', 'retry.1s', 'dead-letters'].every(mayWrite)).to.equal(true);
    expect(['shop.routes', 'retryx1s', 'amq.default', '', 'workshop'].some(mayWrite)).to.equal(false);
    expect(permissions.read).to.equal('^(shop)$');
    expect(topics.map(({ exchange }) => exchange)).to.have.members(
      needsOf('shop').publishes.map(({ exchange }) => exchange),
    );
    expect(topics.find(({ exchange }) => exchange === 'bakery')?.write).to.equal('^(bakery[.]bake-bread)$');
    expect(permissionsOf(needsOf('post')).permissions.read).to.equal('^$');
  });

  it('are grants to a role of PostgreSQL after all that it had is taken away, and rules for what it may store', () => {
    const sql = grantsTo('shop_shop', needsOf('shop'), 'baker"s');
    expect(sql[0]).to.equal('revoke all on all tables in schema public from shop_shop');
    expect(sql).to.include('grant connect on database "baker""s" to shop_shop');
    expect(sql).to.include('grant update (version, loaves) on shelves to shop_shop');
    const policies = sql.filter((text) => text.startsWith('create policy'));
    const rule = (table: string, verb: string): string | undefined =>
      policies.find((text) => new RegExp(`on ${table} .*for ${verb} `).test(text));
    for (const [table, verb] of [
      ['event_log', 'insert'],
      ['timers', 'insert'],
      ['timers', 'update'],
      ['timers', 'delete'],
    ] as const)
      expect(rule(table, verb), table).to.include(
        "(type = any (array['bakery.bake-bread', 'shop.bread-sold']::text[]))",
      );
    for (const [table, verb] of [
      ['inbox', 'insert'],
      ['inbox', 'delete'],
      ['dead_letters', 'select'],
      ['dead_letters', 'update'],
      ['crash_marks', 'delete'],
      ['replays', 'update'],
      ['replay_messages', 'delete'],
    ] as const)
      expect(rule(table, verb), table).to.include("actor = 'shop'");
    for (const verb of ['insert', 'delete']) expect(rule('outbox', verb)).to.include('stored_by =');
    expect(rule('event_log', 'delete')).to.equal(undefined);
    expect(grantsTo('shop_post', needsOf('post'), 'shop').join()).to.include(
      'on outbox for delete to shop_post using (true)',
    );
    const none = grantsTo('shop_undertaker', needsOf('undertaker'), 'shop');
    const others = none.filter((text) => text.startsWith('create policy') && !text.includes(' on instances '));
    expect(others).to.deep.equal([]);
  });

  it('have names by which both servers take them', () => {
    expect(roleOf('warren', 'dead-letters')).to.equal('warren_dead_letters');
    expect(userOf('warren', 'dead-letters')).to.equal('warren-dead-letters');
    expect(createRole('a', "it's")).to.include("'it''s'");
  });
});
