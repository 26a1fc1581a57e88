import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { CRASHES_AT_MOST } from '../../shared/actors/suspicion.js';
import { type Message, newMessage } from '../../shared/messaging/message.js';
import { Decide, Perform } from '../crash/messages.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type ExtendedProject, projectWith } from '../support/extended-project.js';
import { TestFleet } from '../support/fleet.js';
import { TEST_KEYS } from '../support/keyring.js';
import { needed } from '../support/needed.js';
import { Supervised } from '../support/supervised.js';
import { until } from '../support/until.js';

const NEIGHBOURS = 100;
const SETTLED_WITHIN_MS = 120_000;
const TIMES_ALONE = 3;

describe('a process that dies in the middle of its messages', function () {
  this.timeout(180_000);
  let project: ExtendedProject;
  let database: TestDatabase;
  let broker: TestBroker;
  let sender: TestFleet;
  let environment: NodeJS.ProcessEnv;
  let running: Supervised[] = [];

  before(async () => {
    project = await projectWith('crash');
  });

  after(() => project.remove());

  beforeEach(async () => {
    database = await createDatabase();
    broker = await createBroker();
    environment = {
      ...process.env,
      NODE_ENV: 'test',
      LOG_LEVEL: 'info',
      DATABASE_URL: database.url,
      RABBITMQ_URL: broker.url,
      REDIS_URL: needed('REDIS_URL'),
      ENCRYPTION_KEYS: TEST_KEYS,
      HEALTH_PORT: '0',
    };
    const release = spawn(process.execPath, [join(project.dist, 'scripts/release.js')], { env: environment });
    expect(await once(release, 'exit')).to.deep.equal([0, null]);
    sender = new TestFleet({ database: database.url, broker: broker.url, redis: needed('REDIS_URL') });
    await sender.connect();
  });

  afterEach(async () => {
    await Promise.all(running.map((one) => one.stop()));
    running = [];
    await sender.stop();
    await database.close();
    await broker.close();
  });

  const start = (...names: string[]): Supervised => {
    const supervised = new Supervised(join(project.dist, 'workers/start.js'), names, environment);
    running.push(supervised);
    return supervised;
  };
  const rows = async <R extends object>(text: string): Promise<R[]> =>
    (await database.database.query<R>({ text })).rows;
  const count = async (from: string): Promise<number> =>
    (await rows<{ n: number }>(`select count(*) as n from ${from}`))[0]?.n ?? 0;
  const message = (contract: typeof Decide | typeof Perform, how: 'well' | 'slowly' | 'killing'): Message => {
    const orderId = v7();
    const about = { correlationId: orderId, causationId: null, producer: 'test', occurredAt: new Date() };
    return newMessage(contract, { orderId, how }, about);
  };
  const neighbours = (contract: typeof Decide | typeof Perform, how: 'well' | 'slowly' = 'well'): Message[] =>
    Array.from({ length: NEIGHBOURS }, () => message(contract, how));

  for (const [handler, contract, processes] of [
    ['a decision', Decide, 1],
    ['an effect, in two processes', Perform, 2],
  ] as const) {
    it(`dead-letters the one message that kills it, by ${handler}, and handles the others once`, async () => {
      const culprit = message(contract, 'killing');
      const others = neighbours(contract);
      await sender.send(...others.slice(0, 50), culprit, ...others.slice(50));
      start('dead-letters');
      const killed = Array.from({ length: processes }, () => start('crash'));
      await until('the dead letter is filed', async () => (await count('dead_letters')) > 0, SETTLED_WITHIN_MS);
      await until('all others are handled', async () => (await count('inbox')) === NEIGHBOURS, SETTLED_WITHIN_MS);
      expect(await rows('select actor, message_id, road, error_code from dead_letters')).to.deep.equal([
        { actor: 'crash', message_id: culprit.id, road: 'runtime', error_code: 'message.kills-process' },
      ]);
      expect(await count('crash_handled where times = 1')).to.equal(NEIGHBOURS);
      const deaths = killed.reduce((sum, one) => sum + one.deaths, 0);
      expect(deaths).to.be.within(2, CRASHES_AT_MOST);
      expect(killed.map(({ output }) => output).join('')).to.include('it is handled alone');
      await until('no mark is left', async () => (await count('crash_marks')) === 0);
    });
  }

  it('dead-letters nothing when it is killed five times at the worst moments, and handles each message once', async () => {
    await sender.send(...neighbours(Perform, 'slowly'));
    start('dead-letters');
    const killed = start('crash');
    const kill = async (moment: string, holds: () => Promise<boolean>): Promise<void> => {
      const { deaths } = killed;
      await until(moment, holds, SETTLED_WITHIN_MS);
      killed.kill();
      await until('it is dead', () => killed.deaths > deaths);
    };
    await kill('first deliveries are handled', async () => (await count('inbox')) > 0);
    // The first group may be of one message, where the broker's deliveries come in slowly: three are to be alone later.
    const unhandled = 'crash_marks where message_id not in (select message_id from inbox)';
    await kill('a group is handled', async () => (await count(unhandled)) >= TIMES_ALONE);
    // Another one each time: that one message dies alone time after time is what proves it guilty.
    const alone = async (): Promise<string[]> =>
      (await rows<{ message_id: string }>('select message_id from crash_marks where alone')).map(
        (row) => row.message_id,
      );
    const known = new Set<string>();
    for (let times = 0; times < TIMES_ALONE; times++) {
      await kill('another one is handled alone', async () => (await alone()).some((id) => !known.has(id)));
      for (const id of await alone()) known.add(id);
    }
    await until('all are handled', async () => (await count('inbox')) === NEIGHBOURS, SETTLED_WITHIN_MS);
    expect(await count('crash_handled where times = 1')).to.equal(NEIGHBOURS);
    expect(await count('dead_letters')).to.equal(0);
    expect(killed.deaths).to.equal(5);
    // A mark whose process dies between the ack and the clearing stays, and harms nothing: its message comes no more.
    expect(await count(unhandled)).to.equal(0);
  });
});
