/** The difference between the topology that a release declares and the one that is live. Pure. */
import type { Binding, ExchangeBinding, Queue, Topology } from './topology.js';
import { DEAD_LETTERS } from './topology.js';

type Arguments = Readonly<Record<string, unknown>>;

/** What is there, as the broker's management API tells it. */
export interface LiveTopology {
  /** Their types, by name. */
  readonly exchanges: ReadonlyMap<string, string>;
  /** Their arguments, by name. */
  readonly queues: ReadonlyMap<string, Arguments>;
  readonly bindings: readonly Binding[];
  readonly exchangeBindings: readonly ExchangeBinding[];
}

/**
 * - `…-missing`: to be added. - `…-superfluous`: of an actor or a handler that this release does not have.
 * - `queue-differs`: other arguments than declared, to be migrated. - `queue-migrating`: a migration that was begun and not ended.
 * - `exchange-differs`: of another type; nothing but somebody's hands can change that.
 */
export type Difference = { readonly says: string } & (
  | { readonly kind: 'exchange-missing' | 'exchange-differs'; readonly exchange: string }
  | {
      readonly kind: 'queue-missing' | 'queue-differs' | 'queue-migrating' | 'queue-superfluous';
      readonly queue: string;
    }
  | { readonly kind: 'binding-missing' | 'binding-superfluous'; readonly binding: Binding }
  | {
      readonly kind: 'exchange-binding-missing' | 'exchange-binding-superfluous';
      readonly exchangeBinding: ExchangeBinding;
    }
);

/** Holds a queue's messages while it is declared anew; also the name of the exchange that leads to it. */
export const temporaryOf = (queue: string): string => `${queue}.migrating`;
/** The exchange that leads back. */
export const wayBackOf = (queue: string): string => `${queue}.migrating.back`;

export function differencesOf(declared: Topology, live: LiveTopology): Difference[] {
  const names = new Set(declared.queues.map(({ name }) => name));
  const temporary = new Set(declared.queues.flatMap(({ name }) => [temporaryOf(name), wayBackOf(name)]));
  const migrating = (queue: string): boolean => live.queues.has(temporaryOf(queue));
  const abandoned = [...live.queues].filter(([name, given]) => !names.has(name) && isOfActor(name, given));
  const ours = new Set([...names, ...abandoned.map(([name]) => name)]);
  const exchanges = new Set(declared.exchanges.map(({ name }) => name));
  const wanted = new Set(declared.bindings.map(textOf));
  const there = new Set(live.bindings.map(textOf));
  const wantedBetween = new Set(declared.exchangeBindings.map(textBetween));
  const between = new Set(live.exchangeBindings.map(textBetween));
  return [
    ...declared.exchanges.flatMap(({ name, type }): Difference[] => {
      const now = live.exchanges.get(name);
      if (now === type) return [];
      return now === undefined
        ? [{ kind: 'exchange-missing', exchange: name, says: `the exchange ${name} is not there` }]
        : [{ kind: 'exchange-differs', exchange: name, says: `the exchange ${name} is ${now}, declared ${type}` }];
    }),
    ...declared.queues.flatMap((queue) => ofQueue(queue, live.queues.get(queue.name), migrating(queue.name))),
    ...abandoned.map(([queue]): Difference => {
      return { kind: 'queue-superfluous', queue, says: `the queue ${queue} is of an actor that there is no more` };
    }),
    // The bindings of a queue that is being migrated are the migration's affair.
    ...declared.bindings
      .filter((binding) => !there.has(textOf(binding)) && !migrating(binding.queue))
      .map((binding): Difference => ({ kind: 'binding-missing', binding, says: `${textOf(binding)} is not there` })),
    ...live.bindings
      .filter(
        ({ queue, exchange }) => exchange !== '' && ours.has(queue) && !migrating(queue) && !temporary.has(exchange),
      )
      .filter((binding) => !wanted.has(textOf(binding)))
      .map(
        (binding): Difference => ({
          kind: 'binding-superfluous',
          binding,
          says: `${textOf(binding)} is declared no more`,
        }),
      ),
    ...declared.exchangeBindings
      .filter((binding) => !between.has(textBetween(binding)))
      .map(
        (exchangeBinding): Difference => ({
          kind: 'exchange-binding-missing',
          exchangeBinding,
          says: `${textBetween(exchangeBinding)} is not there`,
        }),
      ),
    ...live.exchangeBindings
      .filter(({ exchange, source }) => exchanges.has(exchange) && exchanges.has(source))
      .filter((binding) => !wantedBetween.has(textBetween(binding)))
      .map(
        (exchangeBinding): Difference => ({
          kind: 'exchange-binding-superfluous',
          exchangeBinding,
          says: `${textBetween(exchangeBinding)} is declared no more`,
        }),
      ),
  ];
}

function ofQueue({ name, arguments: wanted }: Queue, now: Arguments | undefined, migrating: boolean): Difference[] {
  const others = now === undefined ? [] : otherArguments(wanted, now);
  if (others.length > 0)
    return [{ kind: 'queue-differs', queue: name, says: `the queue ${name} differs: ${others.join(', ')}` }];
  if (migrating)
    return [{ kind: 'queue-migrating', queue: name, says: `a migration of the queue ${name} was begun and not ended` }];
  if (now === undefined) return [{ kind: 'queue-missing', queue: name, says: `the queue ${name} is not there` }];
  return [];
}

function otherArguments(wanted: Arguments, now: Arguments): string[] {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(now)])].sort();
  return names
    .filter((name) => wanted[name] !== now[name])
    .map((name) => `${name} is ${now[name] ?? 'not set'}, declared ${wanted[name] ?? 'not set'}`);
}

/** Every actor's queue sends its dead letters under its own name; no other queue does. */
const isOfActor = (name: string, given: Arguments): boolean =>
  given['x-dead-letter-exchange'] === DEAD_LETTERS && given['x-dead-letter-routing-key'] === name;

const textOf = ({ queue, exchange, routingKey }: Binding): string =>
  `the binding of ${queue} to ${exchange} by ${routingKey}`;
const textBetween = ({ exchange, source }: ExchangeBinding): string => `the binding of ${exchange} to ${source}`;
