/** Exchanges, queues and bindings of the whole fleet, as they follow from its actors. Pure. */
import type { ActorDefinition } from '../actors/definition.js';
import type { Contract } from '../messaging/contract.js';

export const DEAD_LETTERS = 'dead-letters';
/**
 * Events that nobody in the fleet listens to: what comes here is gone at once, so that a publisher can tell them from events
 * whose queue is missing. They stand in the event log, and a worker that is added later catches up from there.
 */
const UNHEARD = 'unheard';
/** Dead letters that the dead-letters worker itself could not file: never lost, never in a circle. */
export const UNFILED = 'dead-letters.unfiled';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** The retry ladder: one delay queue a rung, shared by all actors. */
export const RETRY_RUNGS = [
  { name: 'retry.1s', delayMs: SECOND_MS },
  { name: 'retry.5s', delayMs: 5 * SECOND_MS },
  { name: 'retry.30s', delayMs: 30 * SECOND_MS },
  { name: 'retry.2m', delayMs: 2 * MINUTE_MS },
  { name: 'retry.10m', delayMs: 10 * MINUTE_MS },
] as const;

/**
 * Deliveries a message may have in all. The runtime counts attempts itself, and finds out what kills its process
 * (`shared/actors/suspicion.ts`) long before; this bounds what kills before a handler is reached. Whoever was near a message
 * that kills is delivered as often as that one, so the limit leaves room for several such messages in one queue.
 */
const DELIVERY_LIMIT = 50;

export interface Exchange {
  readonly name: string;
  readonly type: 'topic';
}

export interface Queue {
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}

export interface Binding {
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
}

/** Of an exchange to another one, which gets all that comes to it. */
export interface ExchangeBinding {
  readonly exchange: string;
  readonly source: string;
}

export interface Topology {
  readonly exchanges: readonly Exchange[];
  readonly queues: readonly Queue[];
  readonly bindings: readonly Binding[];
  /**
   * Made last. An owner's exchange has this one binding, and the queues are bound to the exchange behind it: so an exchange that
   * was deleted under a fleet at work routes a message to all its queues again, or to none and the publisher keeps it.
   */
  readonly exchangeBindings: readonly ExchangeBinding[];
}

/** The exchange behind an owner's, to which queues are bound. */
export const routesOf = (owner: string): string => `${owner}.routes`;

/**
 * Where a message for one actor alone is sent. Through the default exchange whoever may send to one queue may send to all of
 * them: a permission tells exchanges apart, and the routing keys of a topic exchange, but none of the default one's.
 */
export const toActor = (actor: string): { readonly exchange: string; readonly routingKey: string } => ({
  exchange: actor,
  routingKey: actor,
});

/**
 * What the broker has to hold for these actors.
 * @param published all contracts of the fleet, so that an event without a listener is known as one
 */
export function topologyOf(actors: readonly ActorDefinition[], published: readonly Contract[] = []): Topology {
  const contracts = actors.flatMap((actor) =>
    [...actor.handlers.values()].map(({ contract }) => ({ actor, contract })),
  );
  const heard = new Set(contracts.map(({ contract }) => contract.name));
  // A command that nobody obeys is a fault, and comes back to its sender.
  const unheard = published.filter(({ kind, name }) => kind === 'event' && !heard.has(name));
  const owners = new Set([
    ...unheard.map(({ exchange }) => exchange),
    ...actors.map(({ name }) => name),
    ...contracts.map(({ contract }) => contract.exchange),
  ]);
  return {
    exchanges: [
      ...[...owners].flatMap((owner) => [owner, routesOf(owner)]),
      ...[DEAD_LETTERS, ...RETRY_RUNGS.map(({ name }) => name)],
    ].map((name) => ({ name, type: 'topic' })),
    queues: [
      ...actors.map(({ name }) => ({
        name,
        arguments: safeQueue({ 'x-dead-letter-exchange': DEAD_LETTERS, 'x-dead-letter-routing-key': name }),
      })),
      {
        name: DEAD_LETTERS,
        arguments: safeQueue({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': UNFILED }),
      },
      { name: UNHEARD, arguments: { 'x-queue-type': 'classic', 'x-message-ttl': 0 } },
      { name: UNFILED, arguments: { 'x-queue-type': 'quorum' } },
      // The routing key of a retry is its queue of origin, and the default exchange takes it back there.
      ...RETRY_RUNGS.map(({ name, delayMs }) => ({
        name,
        arguments: {
          'x-queue-type': 'quorum',
          'x-message-ttl': delayMs,
          'x-dead-letter-exchange': '',
          'x-dead-letter-strategy': 'at-least-once',
          'x-overflow': 'reject-publish',
        },
      })),
    ],
    bindings: [
      ...unheard.map(({ exchange, name }) => ({ queue: UNHEARD, exchange: routesOf(exchange), routingKey: name })),
      ...contracts.map(({ actor, contract }) => ({
        queue: actor.name,
        exchange: routesOf(contract.exchange),
        routingKey: contract.name,
      })),
      ...actors.map(({ name }) => ({ queue: name, exchange: routesOf(name), routingKey: toActor(name).routingKey })),
      { queue: DEAD_LETTERS, exchange: DEAD_LETTERS, routingKey: '#' },
      // What finds no queue when its time is over stays, and 32 such keep all others from going on: nobody else gets in.
      ...RETRY_RUNGS.flatMap(({ name }) =>
        actors.map((actor) => ({ queue: name, exchange: name, routingKey: actor.name })),
      ),
    ],
    exchangeBindings: [...owners].map((owner) => ({ exchange: routesOf(owner), source: owner })),
  };
}

function safeQueue(deadLetterTo: Readonly<Record<string, string>>): Queue['arguments'] {
  return {
    'x-queue-type': 'quorum',
    'x-delivery-limit': DELIVERY_LIMIT,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
    ...deadLetterTo,
  };
}
