/** What makes a part of the fleet pass its failpoints. */
import { once } from 'node:events';
import type { Failpoint } from '../../shared/observability/failpoint.js';
import { operate } from '../support/operator.js';
import { until } from '../support/until.js';
import { setFaults } from './faults.js';
import { poison } from './poison.js';
import type { Part, Stand } from './stand.js';

/** The process that works on a replay may die, and another goes on when its lease has run out. */
const REPLAYED_WITHIN_MS = 40_000;

/** Lets something happen, and resolves when the part has passed what it is to pass. */
export type Act = (happening: () => Promise<void>) => Promise<void>;

/** Prepares, acts, and puts things right again; returns the orders that were placed. */
export type Happening = (stand: Stand, part: Part, act: Act) => Promise<string[]>;

/** Orders that go every way there is: shipped, declined, short, cancelled by the customer. */
const orders: Happening = async (stand, _part, act) => {
  const ids: string[] = [];
  await act(async () => {
    for (const order of [{}, { token: 'tok_declined' }, { quantity: 900_000 }, { token: 'tok_error_after_charge' }])
      ids.push(await stand.place(order));
    const cancelled = await stand.place();
    ids.push(cancelled);
    // Whether it comes in time, or at all, is all the same.
    await stand.shop.cancel(cancelled).catch(() => undefined);
  });
  return ids;
};

/** A message that nobody can read. */
const poisoned: Happening = async (stand, part, act) => {
  await act(() => poison(stand.deployment, part));
  return [];
};

/** A letter is sent back to the actor that failed, where it fails again. */
const redriven: Happening = async (stand, _part, act) => {
  await poison(stand.deployment, 'orders');
  const letter = await stand.openLetter('orders');
  await stand.webAnswers();
  await act(async () => {
    const command = stand.deployment.spawn('scripts/warren.js', [
      ...['dead-letters', 'redrive', letter],
      ...['--reason', 'to see it done', '--url', stand.deployment.url],
    ]);
    await once(command.child, 'exit');
    if (command.child.exitCode !== 0) throw new Error(`the redrive was refused: ${command.output()}`);
  });
  return [];
};

/** What an actor has handled is replayed to it: rehearsed, started, and left out message by message. */
const replayed: Happening = async (stand, part, act) => {
  const order = await stand.place();
  await stand.unfinished([order], REPLAYED_WITHIN_MS);
  await stand.webAnswers();
  const ask = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const answer = await operate(stand.deployment.url, method, path, body);
    if (answer.status >= 300) throw new Error(`the replay was refused: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  await act(async () => {
    const reason = 'to see it done';
    const { id } = await ask('POST', '/replays', { to: part, order, reason });
    const isRehearsed = async () => (await ask('GET', `/replays/${id}`))['status'] === 'rehearsed';
    await until('the replay is rehearsed', isRehearsed, REPLAYED_WITHIN_MS);
    await ask('POST', `/replays/${id}/start`, { reason });
  });
  return [order];
};

/** Provider and mail server fail for a while. */
const ill: Happening = async (stand, _part, act) => {
  const ids: string[] = [];
  await act(async () => {
    await setFaults(stand.deployment, { errorRate: 1, rejectRate: 1 });
    ids.push(await stand.place());
  });
  await setFaults(stand.deployment, { errorRate: 0, rejectRate: 0 });
  return ids;
};

/** A process dies after its commit: what it had received is delivered again, and what it was to send is left to the relay. */
const leftovers: Happening = async (stand, _part, act) => {
  const ids: string[] = [];
  // It sweeps the outbox as well, once a minute.
  await stand.end('scheduler');
  // It answers each order; what orders commits first may say nothing.
  await act(() =>
    stand.killAt('inventory', 'commit-committed', async () => {
      ids.push(await stand.place(), await stand.place({ token: 'tok_declined' }));
    }),
  );
  await stand.restart('scheduler');
  return ids;
};

/** A process dies with what it had received, which is then delivered again. */
const redelivered: Happening = async (stand, part, act) => {
  const dying = await stand.restart(part, { FAILPOINT: 'delivery-received' });
  const ids = [await stand.place(), await stand.place()];
  await stand.died(dying, 'delivery-received');
  await act(() => stand.restartIfDead(part));
  return ids;
};

/** A reservation expires while the parcel waits. */
const timers: Happening = async (stand, _part, act) => {
  const ids: string[] = [];
  await stand.restart('inventory', { RESERVATION_EXPIRY_S: '1' });
  await stand.end('shipping');
  await act(async () => {
    ids.push(await stand.place(), await stand.place());
  });
  await stand.restart('shipping');
  await stand.restart('inventory');
  return ids;
};

/** What makes this part pass this failpoint. */
export function happeningFor(part: Part, failpoint: Failpoint): Happening {
  if (failpoint === 'dead-letter-filed') return poisoned;
  if (failpoint === 'redrive-leased' || failpoint === 'redrive-confirmed') return redriven;
  if (failpoint === 'replay-leased' || failpoint === 'replay-confirmed') return replayed;
  if (failpoint === 'failed-moved') return ill;
  if (failpoint === 'redelivery-marked') return redelivered;
  if (part === 'relay') return leftovers;
  if (part === 'scheduler') return timers;
  return orders;
}
