import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { expect } from 'chai';
import { DEVELOPMENT } from '../../config/environment.js';
import { newId } from '../../shared/messaging/message-id.js';
import { reasonOf } from '../../shared/observability/reason.js';
import { Database } from '../../shared/postgres/database.js';
import { declareTopology } from '../../shared/rabbitmq/declare.js';
import { topologyOf } from '../../shared/rabbitmq/topology.js';
import { loadWorkers, workerNames } from '../../workers/registry.js';
import { maintenance } from '../../workers/scheduler/maintenance.js';
import { manage } from '../support/broker.js';
import { Deployment } from '../support/deployment.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
const WARREN = fileURLToPath(new URL('../../scripts/warren.js', import.meta.url));
/** Roles and users are of the whole server. */
const PREFIX = `t${randomBytes(4).toString('hex')}`;
const NOWHERE = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', RABBITMQ_URL: 'amqp://nobody@127.0.0.1:1' };

describe('a fleet of processes that may do what they need and no more', function () {
  this.timeout(300_000);
  let deployment: Deployment;
  let shop: Storefront;
  /** Of the owner, by whom roles are made. */
  let owners: NodeJS.ProcessEnv;
  /** URLs of the processes' own, by variable. */
  let own: Readonly<Record<string, string>>;
  let processes: readonly string[];

  const users = async (...words: string[]): Promise<Readonly<Record<string, string>>> => {
    const args = [WARREN, 'topology', 'users', ...words, '--apply', '--json', '--prefix', PREFIX];
    const { stdout } = await run(process.execPath, args, { env: owners });
    return (JSON.parse(stdout) as { environment: Readonly<Record<string, string>> }).environment;
  };

  before(async () => {
    processes = await workerNames();
    deployment = await Deployment.start({
      processes: processes.map((name) => [name]),
      released: async (environment) => {
        owners = environment;
        own = await users();
        return { ...own, ...NOWHERE };
      },
    });
    shop = new Storefront(deployment);
  });
  after(async () => {
    await deployment.stop();
    const server = new Database({ url: process.env['DATABASE_URL'] ?? '', connections: 1, applicationName: 'test' });
    for (const name of ['web', ...processes]) {
      await server.query({ text: `drop role ${PREFIX}_${name.replaceAll('-', '_')}` });
      await manage('DELETE', `/api/users/${PREFIX}-${name}`);
    }
    await server.close();
  });

  /** Runs the SQL as the role of a process, and takes it back; what refused it, or undefined. */
  const sqlRefusal = async (name: string, text: string): Promise<string | undefined> => {
    const database = new Database({ url: own[`DATABASE_URL_${name}`] ?? '', connections: 1, applicationName: 'test' });
    const undone = new Error('taken back');
    try {
      await database.transaction(async (transaction) => {
        await transaction.query({ text });
        throw undone;
      });
    } catch (error) {
      return error === undone ? undefined : reasonOf(error);
    } finally {
      await database.close();
    }
    return undefined;
  };
  /** What the broker says no with to the user of a process, or undefined. */
  const brokerRefusal = async (
    name: string,
    act: (channel: ConfirmChannel, connection: ChannelModel) => Promise<unknown>,
  ): Promise<string | undefined> => {
    const connection = await connect(own[`RABBITMQ_URL_${name}`] ?? '');
    connection.on('error', () => undefined);
    const channel = await connection.createConfirmChannel();
    const refused = new Promise<never>((_, reject) => channel.on('error', reject));
    refused.catch(() => undefined);
    try {
      await Promise.race([act(channel, connection), refused]);
      return undefined;
    } catch (error) {
      return reasonOf(error);
    } finally {
      await connection.close().catch(() => undefined);
    }
  };
  const publishing =
    (exchange: string, routingKey: string, body = 'no message') =>
    (channel: ConfirmChannel): Promise<unknown> => {
      const id = newId();
      channel.publish(exchange, routingKey, Buffer.from(body), { messageId: id, correlationId: id, type: routingKey });
      return channel.waitForConfirms();
    };
  const operator = async (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${deployment.url}/operator${path}`, {
      method,
      headers: { authorization: `Bearer ${DEVELOPMENT.operatorKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const ask = async <T>(path: string): Promise<T> => (await operator('GET', path)).json() as Promise<T>;
  const count = async (text: string): Promise<number> =>
    (await deployment.database.database.query<{ count: number }>({ text })).rows[0]?.count ?? -1;

  it('carries orders to shipped and to cancelled, through retries', async () => {
    const shipped = await shop.place();
    const declined = await shop.place({ token: 'tok_declined' });
    const retried = await shop.place({ token: 'tok_error_after_charge' });
    const cancelled = await shop.place({ token: 'tok_slow' });
    expect(await shop.cancel(cancelled)).to.equal(202);
    await shop.reached(shipped, 'SHIPPED', 60_000);
    await shop.reached(retried, 'SHIPPED', 60_000);
    for (const id of [declined, cancelled]) await shop.reached(id, 'CANCELLED', 60_000);
    for (const id of [shipped, retried])
      await until('it is mailed twice', async () => (await shop.order(id)).emails.length === 2);
    await until('all is sent', async () => (await count('select count(*) from outbox')) === 0);
    expect(await count('select count(*) from dead_letters')).to.equal(0);
  });

  it('is a role and a user a process, each connected as its own', async () => {
    const { rows } = await deployment.database.database.query<{ role: string; name: string }>({
      text: `select distinct usename::text as role, application_name as name from pg_stat_activity
             where application_name like 'warren %' and usename like '${PREFIX}%'`,
    });
    const expected = ['web', ...processes].map((name) => `${PREFIX}_${name.replaceAll('-', '_')} warren ${name}`);
    expect(rows.map(({ role, name }) => `${role} ${name}`)).to.include.members(expected);
    const { rows: alive } = await deployment.database.database.query<{ kind: string }>({
      text: 'select kind from instances',
    });
    expect(alive.map(({ kind }) => kind)).to.have.members(['web', ...processes]);
    for (const { role, name } of rows)
      expect(role).to.equal(`${PREFIX}_${name.slice('warren '.length).replaceAll('-', '_')}`);
  });

  it('lets the email worker publish no order: by the exchange, the default exchange, the ladder, or through PostgreSQL', async () => {
    for (const act of [
      publishing('orders', 'orders.order-placed'),
      publishing('orders.routes', 'orders.order-placed'),
      publishing('', 'orders'),
      publishing('retry.1s', 'orders'),
      publishing('dead-letters', 'orders'),
    ])
      expect(await brokerRefusal('EMAIL', act)).to.include('ACCESS_REFUSED');
    const stored = (table: string, type: string): string =>
      table === 'timers'
        ? `insert into timers (correlation_id, type, version, producer, payload, due_at)
           values ('${newId()}', '${type}', 1, 'email', '{}', now())`
        : `insert into event_log (id, type, version, correlation_id, producer, occurred_at, payload)
           values ('${newId()}', '${type}', 1, '${newId()}', 'email', now(), '{}')`;
    for (const table of ['event_log', 'timers']) {
      expect(await sqlRefusal('EMAIL', stored(table, 'orders.order-placed')), table).to.include('row-level security');
      expect(await sqlRefusal('WEB', stored(table, 'orders.order-placed')), table).to.equal(undefined);
      expect(await sqlRefusal('EMAIL', stored(table, 'email.resend-mail')), table).to.equal(undefined);
    }
    const changed = `${stored('timers', 'email.resend-mail')}; update timers set type = 'orders.order-placed'`;
    expect(await sqlRefusal('EMAIL', changed)).to.include('row-level security');
    expect(await sqlRefusal('WEB', changed.replace('email.resend-mail', 'orders.order-placed'))).to.equal(undefined);
  });

  it('gets no message to another actor by the header CC, which brokers before 4.0 do not ask about, nor a letter filed for it', async () => {
    const [copied, filed] = [newId(), newId()];
    const act = async (channel: ConfirmChannel): Promise<void> => {
      const properties = { correlationId: newId(), type: 'inventory.stock-reserved' };
      const body = Buffer.from('{}');
      channel.publish('retry.1s', 'email', body, { ...properties, messageId: copied, headers: { CC: ['payment'] } });
      const forged = { 'warren-actor': 'payment', 'warren-error-code': 'forged' };
      channel.publish('dead-letters', 'email', body, { ...properties, messageId: filed, headers: forged });
      await channel.waitForConfirms();
    };
    const refused = await brokerRefusal('EMAIL', act);
    const { database } = deployment.database;
    const found = async () => {
      const { rows } = await database.query<{ actor: string; code: string }>({
        text: "select actor, error_code as code from dead_letters where replace(message_id, 'unaddressed:', '') = any($1) order by 1, 2",
        values: [[copied, filed]],
      });
      return rows.map(({ actor, code }) => `${actor} ${code}`);
    };
    if (refused === undefined) {
      await until('all are filed', async () => (await found()).length === 3);
      expect(await found()).to.deep.equal([
        'email forged',
        'email message.unknown-type',
        'payment message.wrong-address',
      ]);
    } else {
      expect(refused).to.include('ACCESS_REFUSED');
      expect((await found()).filter((letter) => letter.startsWith('payment'))).to.deep.equal([]);
    }
    await database.query({
      text: "delete from dead_letters where replace(message_id, 'unaddressed:', '') = any($1)",
      values: [[copied, filed]],
    });
  });

  it('lets it touch no rows that other actors have in the tables that all share', async () => {
    const id = newId();
    const letter = (actor: string): string =>
      `insert into dead_letters (id, actor, message_id, body, headers, road, error_code, error_message, attempts, fingerprint)
       values ('${newId()}', '${actor}', '${id}', '', '{}', 'runtime', 'planted', '', 1, '')`;
    const forged = (actor: string): string[] => [
      `insert into inbox (actor, message_id) values ('${actor}', '${id}')`,
      `insert into crash_marks (actor, message_id, holder, crashes) values ('${actor}', '${id}', '${id}', 99)`,
      letter(actor),
      `insert into provider_circuits (holder, provider, actors, next_try_at) values ('${id}', 'planted', '{${actor}}', 'infinity')`,
      `insert into instances (id, kind, host, pid, release, started_at, loop_delay_ms, actors)
       values ('${id}', '${actor}', 'planted', 1, '', now(), 0, '{}')`,
    ];
    for (const text of forged('orders')) expect(await sqlRefusal('EMAIL', text), text).to.include('row-level security');
    for (const text of forged('email')) expect(await sqlRefusal('EMAIL', text), text).to.equal(undefined);

    const { database } = deployment.database;
    for (const text of [...forged('orders'), `insert into outbox (id, leased_until) values ('${id}', 'infinity')`])
      await database.query({ text });
    const isTouched = (statement: string): string =>
      `do $$ begin ${statement}; if found then raise exception 'rows are touched'; end if; end $$`;
    const touching = [
      'delete from inbox',
      'delete from outbox',
      'delete from crash_marks',
      'delete from provider_circuits',
      "delete from instances where kind <> 'email'",
      "update dead_letters set status = 'redriving'",
      'perform from dead_letters',
      `delete from timers where type = 'orders.enforce-payment-deadline'`,
    ];
    await database.query({
      text: `insert into timers (correlation_id, type, version, producer, payload, due_at)
             values ('${id}', 'orders.enforce-payment-deadline', 1, 'orders', '{}', 'infinity')`,
    });
    for (const text of touching) {
      const its = text === 'delete from inbox' ? "delete from inbox where actor <> 'email'" : text;
      expect(await sqlRefusal('EMAIL', isTouched(its)), text).to.equal(undefined);
    }
    for (const [name, text] of [
      ['ORDERS', `delete from inbox where message_id = '${id}'`],
      ['RELAY', `delete from outbox where id = '${id}'`],
      ['ORDERS', 'perform from dead_letters'],
      ['SCHEDULER', `delete from timers where correlation_id = '${id}'`],
    ] as const)
      expect(await sqlRefusal(name, isTouched(text)), `${name} ${text}`).to.include('rows are touched');
    for (const table of ['inbox', 'crash_marks', 'dead_letters'])
      await database.query({ text: `delete from ${table} where message_id = '${id}'` });
    for (const table of ['outbox', 'instances'])
      await database.query({ text: `delete from ${table} where id = '${id}'` });
    await database.query({ text: `delete from provider_circuits where holder = '${id}'` });
    await database.query({ text: `delete from timers where correlation_id = '${id}'` });
  });

  it('takes away what a release before let it do, when it is applied anew', async () => {
    const { database } = deployment.database;
    const role = `${PREFIX}_email`;
    const policies = async (): Promise<string> => {
      const { rows } = await database.query<{ name: string }>({
        text: "select tablename || ' ' || policyname as name from pg_policies where schemaname = 'public' order by 1",
      });
      return rows.map(({ name }) => name).join('\n');
    };
    const before = await policies();
    for (const text of [
      'create policy warren_delete on timers for delete using (true)',
      `create policy ${role}_changes on timers to ${role} using (true)`,
      `create policy ${role}_stores on event_log for insert to ${role} with check (true)`,
    ])
      await database.query({ text });
    const timer = `insert into timers (correlation_id, type, version, producer, payload, due_at)
      values ('${newId()}', 'orders.enforce-payment-deadline', 1, 'orders', '{}', 'infinity')`;
    await database.query({ text: timer });
    const taking = `do $$ begin delete from timers where producer = 'orders' and due_at = 'infinity';
      if found then raise exception 'rows are touched'; end if; end $$`;
    expect(await sqlRefusal('EMAIL', taking)).to.include('rows are touched');
    await users();
    expect(await policies()).to.equal(before);
    expect(await sqlRefusal('EMAIL', taking)).to.equal(undefined);
    expect(await sqlRefusal('EMAIL', timer)).to.include('row-level security');
    await database.query({ text: "delete from timers where producer = 'orders' and due_at = 'infinity'" });
  });

  it('leaves what is not a storefront’s own hidden from it, in the event log as elsewhere', async () => {
    const isSeen = (table: string, storefronts: string): string =>
      `do $$ begin
         perform set_config('warren.storefronts', '${storefronts}', true);
         if exists (select from ${table}) then raise exception 'rows are seen'; end if;
       end $$`;
    for (const table of ['event_log', 'orders', 'order_keys', 'payments']) {
      expect(await sqlRefusal('WEB', isSeen(table, '')), table).to.include('rows are seen');
      expect(await sqlRefusal('WEB', isSeen(table, '{}')), table).to.equal(undefined);
    }
  });

  it('lets it consume, declare and delete no queue but take from its own', async () => {
    const taking = (queue: string) => (channel: ConfirmChannel) => channel.get(queue);
    expect(await brokerRefusal('EMAIL', taking('payment'))).to.include('ACCESS_REFUSED');
    expect(await brokerRefusal('PAYMENT', taking('payment'))).to.equal(undefined);
    expect(await brokerRefusal('EMAIL', taking('email'))).to.equal(undefined);
    for (const act of [
      (channel: ConfirmChannel) => channel.assertQueue('own'),
      (channel: ConfirmChannel) => channel.deleteQueue('email'),
      (channel: ConfirmChannel) => channel.purgeQueue('orders'),
      (channel: ConfirmChannel) => channel.bindQueue('email', 'payment.routes', '#'),
      (channel: ConfirmChannel) => channel.assertExchange('own', 'topic'),
    ])
      expect(await brokerRefusal('EMAIL', act)).to.include('ACCESS_REFUSED');
  });

  it('lets it read and change no table of others, and nobody but payment read payment tokens', async () => {
    for (const text of [
      'select * from payments',
      'select sealed_token from payments',
      'select * from orders',
      "update orders set status = 'SHIPPED'",
      'delete from emails',
      'select * from api_keys',
      'select * from operators',
      'update stock_levels set on_hand = 0',
      'create table own (id int)',
      "select drop_old_partitions('event_log', 0)",
      'delete from event_log',
      'truncate inbox',
    ])
      expect(await sqlRefusal('EMAIL', text), text).to.include('permission denied');
    expect(await sqlRefusal('EMAIL', 'select recipient from emails')).to.equal(undefined);
    expect(await sqlRefusal('ORDERS', "update orders set status = 'SHIPPED'")).to.equal(undefined);
    const token = 'select sealed_token from payments';
    expect(await sqlRefusal('PAYMENT', token)).to.equal(undefined);
    for (const name of ['WEB', 'SCHEDULER', 'RELAY', 'ORDERS', 'DEAD_LETTERS'])
      expect(await sqlRefusal(name, token), name).to.include('permission denied');
    expect(await sqlRefusal('WEB', 'select status from payments')).to.equal(undefined);
    expect(await sqlRefusal('WEB', 'insert into operators (id) values (null)')).to.include('permission denied');
  });

  it('files, redrives and discards dead letters, and replays, by the console’s ways', async () => {
    // Whoever takes orders in may publish one: that this one is none is for its listeners to find out.
    expect(await brokerRefusal('WEB', publishing('orders', 'orders.order-placed'))).to.equal(undefined);
    type Letters = {
      readonly items: readonly { readonly id: string; readonly actor: string; readonly status: string }[];
    };
    const letters = await until('it is filed by both', async () => {
      const { items } = await ask<Letters>('/dead-letters');
      return items.length === 2 ? items : undefined;
    });
    const ids = letters.map(({ id }) => id);
    const [first, second] = ids;
    expect((await operator('POST', `/dead-letters/${first}/redrive`, { reason: 'test' })).status).to.be.below(300);
    await until('it came back', async () => {
      return (await count(`select occurrences as count from dead_letters where id = '${first}'`)) === 2;
    });
    expect((await operator('POST', `/dead-letters/${second}/discard`, { reason: 'test' })).status).to.be.below(300);
    const made = await operator('POST', '/replays', {
      to: 'inventory',
      from: '2020-01-01T00:00:00Z',
      reason: 'test',
    });
    expect(made.status, await made.clone().text()).to.be.below(300);
    const { id } = (await made.json()) as { id: string };
    await until(
      'it is rehearsed',
      async () => (await ask<{ status: string }>(`/replays/${id}`)).status === 'rehearsed',
      60_000,
    );
    expect((await operator('POST', `/replays/${id}/start`, { reason: 'test' })).status).to.be.below(300);
    await until(
      'it is done',
      async () => (await ask<{ status: string }>(`/replays/${id}`)).status === 'finished',
      60_000,
    );
  });

  it('pauses and resumes a queue, and shows all that the console shows', async () => {
    for (const action of ['pause', 'resume'])
      expect((await operator('POST', `/queues/email/${action}`, { reason: 'test' })).status).to.be.below(300);
    const id = await shop.place();
    await shop.reached(id, 'SHIPPED', 60_000);
    const paths = [
      ...[
        '/me',
        '/status',
        '/audit',
        '/actions',
        '/orders',
        '/queues',
        '/events',
        '/replays',
        '/instances',
        '/topology',
      ],
      ...['/redrive-jobs', '/dead-letters', '/dead-letters/groups', `/orders/${id}`, `/orders/${id}/explanation`],
      ...[`/orders/${id}/messages`],
    ];
    for (const path of paths) expect((await operator('GET', path)).status, path).to.be.below(500);
  });

  it('does what recurs as the scheduler’s role', async () => {
    const url = own['DATABASE_URL_SCHEDULER'] ?? '';
    const database = new Database({ url, connections: 2, applicationName: 'test' });
    try {
      const parts = { database, outboxLeaseMs: 1000, publisher: { ready: true, publish: async () => [] } };
      // Nothing is unsent, so of the parts only the database is asked.
      const recurring = maintenance(parts as never, { eventLogDays: 400, inboxDays: 60 });
      for (const { run: once } of Object.values(recurring)) await once();
    } finally {
      await database.close();
    }
  });

  it('comes back when its queue was deleted and the release step has declared it, and says meanwhile what to do', async () => {
    const email = deployment.running.find(({ name }) => name.endsWith(' email'));
    const vhost = new URL(deployment.brokerUrl).pathname.slice(1);
    await manage('DELETE', `/api/queues/${vhost}/email`);
    const apply = await operator('POST', '/topology/apply', { reason: 'test' });
    expect(apply.status).to.equal(503);
    expect(await apply.text()).to.include('RABBITMQ_TOPOLOGY_URL');
    await until('it says so', () => email?.output().includes('run the release step if the queue is missing'), 30_000);
    const workers = await loadWorkers(await workerNames());
    const actors = workers.flatMap((worker) => worker.actors.map(({ definition }) => definition));
    await declareTopology(
      [deployment.brokerUrl],
      topologyOf(
        actors,
        workers.flatMap(({ contracts }) => contracts),
      ),
    );
    const id = await shop.place();
    await until('it mails again', async () => (await shop.order(id)).emails.length === 2, 60_000);
  });

  it('was refused nothing that it asked for by then', () => {
    const refused = deployment
      .output()
      .split('\n')
      .filter((line) => /permission denied|row-level security|ACCESS[_-]REFUSED/.test(line));
    // What web asked for in the name of whoever wanted the topology changed.
    expect(refused.filter((line) => !line.includes('RABBITMQ_TOPOLOGY_URL'))).to.deep.equal([]);
  });

  it('is given its roles anew by a command that gives way to those who work', async () => {
    const { database } = deployment.database;
    const apply = await database.transaction(async (worker) => {
      await worker.query({ text: 'lock table outbox in row exclusive mode' });
      const applied = users();
      await until('it waits for the outbox, with the other tables locked', async () => {
        const { rowCount } = await worker.query({
          text: `select from pg_locks where relation = 'outbox'::regclass and not granted`,
        });
        return rowCount > 0;
      });
      // Neither could go on now.
      await worker.query({ text: "set local lock_timeout = '5s'" });
      await worker.query({ text: 'lock table inbox in row exclusive mode' });
      return { applied };
    });
    expect(await apply.applied).to.deep.equal({});
  });

  it('changes nothing when the command is run again, and one password when one process is named', async () => {
    expect(await users()).to.deep.equal({});
    const renewed = await users('email');
    expect(Object.keys(renewed)).to.have.members(['DATABASE_URL_EMAIL', 'RABBITMQ_URL_EMAIL']);
    const before = await connect(own['RABBITMQ_URL_EMAIL'] ?? '').then(() => undefined, reasonOf);
    expect(before).to.include('ACCESS_REFUSED');
    expect(await sqlRefusal('EMAIL', 'select 1')).to.include('password authentication failed');
    own = { ...own, ...renewed };
    expect(await sqlRefusal('EMAIL', 'select 1')).to.equal(undefined);
    expect(await brokerRefusal('EMAIL', async () => undefined)).to.equal(undefined);
    const id = await shop.place();
    await shop.reached(id, 'SHIPPED', 60_000);
  });
});
