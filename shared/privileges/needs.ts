/** What a process may do at PostgreSQL and RabbitMQ, as it follows from what is declared of it. Pure. */
import type { ActorDefinition } from '../actors/definition.js';
import type { KeyedState, Ledger } from '../actors/keyed-state.js';
import type { Contract } from '../messaging/contract.js';
import { fieldsOf } from '../postgres/keyed-table.js';
import { DEAD_LETTERS, RETRY_RUNGS } from '../rabbitmq/topology.js';

export type Verb = 'select' | 'insert' | 'update' | 'delete';

export interface TableNeed {
  readonly table: string;
  readonly verbs: readonly Verb[];
  /** @default all of them */
  readonly columns?: readonly string[];
}

export const on = (table: string, ...verbs: readonly Verb[]): TableNeed => ({ table, verbs });

/** What a worker that is no actor, or web, declares of itself. */
export interface DeclaredNeeds {
  readonly tables: readonly TableNeed[];
  /** With their argument types, such as `ensure_partitions(integer)`. */
  readonly functions?: readonly string[];
  /** Contracts, or all of the fleet: for who publishes what others have stored. @default none */
  readonly publishes?: readonly Contract[] | 'everything';
  /** Messages go straight to the queues of all actors. @default false */
  readonly addressesActors?: boolean;
  /** Queues. @default none */
  readonly consumes?: readonly string[];
}

/** A worker as its folder has it. */
export interface DeclaredWorker {
  readonly name: string;
  readonly actors: readonly { readonly definition: ActorDefinition }[];
  readonly contracts: readonly Contract[];
  readonly stores: readonly (KeyedState | Ledger)[];
  readonly worker: { readonly needs?: DeclaredNeeds } | undefined;
}

/** What may be published to an exchange. */
export interface PublishNeed {
  readonly exchange: string;
  readonly routingKeys: readonly string[];
}

export interface ProcessNeeds {
  /** The worker's name, or `web`. */
  readonly process: string;
  readonly tables: readonly TableNeed[];
  readonly functions: readonly string[];
  /** Its own, whose rows of the tables that actors share are the only ones it touches; of a process without, the grants say all. */
  readonly actors: readonly string[];
  /** Names of the messages that may be stored as published or scheduled. */
  readonly messages: readonly string[];
  /** It sends what others have stored, and so takes it away. */
  readonly sendsForOthers: boolean;
  readonly publishes: readonly PublishNeed[];
  readonly consumes: readonly string[];
}

/** Every process shows that it lives. */
const EVERY: readonly TableNeed[] = [on('instances', 'select', 'insert', 'update', 'delete')];

/** Stores messages and sends them; for web too. */
export const PUBLISHING: readonly TableNeed[] = [
  on('event_log', 'select', 'insert'),
  on('outbox', 'select', 'insert', 'delete'),
  on('timers', 'select', 'insert', 'update', 'delete'),
];

/** What the runtime does for any actor: `shared/actors` and what it asks of `shared/postgres`. */
const ACTOR: readonly TableNeed[] = [
  ...PUBLISHING,
  on('inbox', 'select', 'insert', 'delete'),
  on('dead_letters', 'select', 'insert', 'update'),
  on('dead_letter_changes', 'select', 'insert'),
  on('crash_marks', 'select', 'insert', 'update', 'delete'),
  on('provider_circuits', 'select', 'insert', 'update', 'delete'),
  on('queue_settings', 'select'),
  // Letters that another release has parked.
  on('redrive_jobs', 'select', 'insert'),
  on('replays', 'select', 'update'),
  on('replay_messages', 'select', 'delete'),
];

/** For a handler that opens who ordered, or where it goes. */
const ORDER_KEYS: readonly TableNeed[] = [on('order_keys', 'select')];
const opensPersons = ({ handlers }: ActorDefinition): boolean => [...handlers.values()].some(({ persons }) => persons);

/** For a handler that wants its order to be stored. */
const ORDERS: readonly TableNeed[] = [{ table: 'orders', verbs: ['select'], columns: ['id'] }];
const wantsStoredOrders = ({ handlers }: ActorDefinition): boolean =>
  [...handlers.values()].some(({ storedOrder }) => storedOrder);

/** @param web what web declares of itself */
export function needsOfFleet(workers: readonly DeclaredWorker[], web: DeclaredNeeds): ProcessNeeds[] {
  const fleet = {
    contracts: workers.flatMap(({ contracts }) => contracts),
    actors: workers.flatMap(({ actors }) => actors.map(({ definition }) => definition.name)),
  };
  return [needsOf('web', [], [], web, fleet), ...workers.map((worker) => needsOfWorker(worker, fleet))];
}

interface Fleet {
  readonly contracts: readonly Contract[];
  /** Their names. */
  readonly actors: readonly string[];
}

function needsOfWorker({ name, actors, contracts, stores, worker }: DeclaredWorker, fleet: Fleet): ProcessNeeds {
  const definitions = actors.map(({ definition }) => definition);
  const states = [...stores, ...definitions.flatMap((definition) => Object.values(definition.states))];
  const own: DeclaredNeeds = {
    tables:
      definitions.length === 0
        ? []
        : [
            ...ACTOR,
            ...(definitions.some(opensPersons) ? ORDER_KEYS : []),
            ...(definitions.some(wantsStoredOrders) ? ORDERS : []),
            ...[...new Set(states)].flatMap(needsOfStore),
          ],
    // An event belongs to the worker that publishes it; what belongs to others has to be declared.
    publishes: definitions.length === 0 ? [] : [...contracts, ...definitions.flatMap(({ sends = [] }) => sends)],
    consumes: definitions.map((definition) => definition.name),
  };
  return needsOf(
    name,
    definitions.map((definition) => definition.name),
    [own],
    worker?.needs,
    fleet,
  );
}

function needsOf(
  process: string,
  actors: readonly string[],
  own: readonly DeclaredNeeds[],
  declared: DeclaredNeeds | undefined,
  fleet: Fleet,
): ProcessNeeds {
  const all = [...own, ...(declared === undefined ? [] : [declared])];
  const contracts = all.flatMap(({ publishes = [] }) => (publishes === 'everything' ? fleet.contracts : publishes));
  const addressed = all.some(({ addressesActors }) => addressesActors === true) ? fleet.actors : actors;
  return {
    process,
    tables: [...EVERY, ...all.flatMap(({ tables }) => tables)],
    functions: all.flatMap(({ functions = [] }) => functions),
    actors,
    messages: unique(contracts.map(({ name }) => name)),
    sendsForOthers: all.some(({ publishes }) => publishes === 'everything'),
    publishes: byExchange([
      ...contracts.map(({ exchange, name }) => ({ exchange, routingKey: name })),
      ...addressed.map((actor) => ({ exchange: actor, routingKey: actor })),
      // A rung gives a retry back to the queue that its key names.
      ...actors.flatMap((actor) =>
        [...RETRY_RUNGS.map(({ name }) => name), DEAD_LETTERS].map((exchange) => ({ exchange, routingKey: actor })),
      ),
    ]),
    consumes: unique(all.flatMap(({ consumes = [] }) => consumes)),
  };
}

function needsOfStore(store: KeyedState | Ledger): TableNeed[] {
  const { table } = store;
  if (!('key' in store)) {
    return [{ table, verbs: ['insert'], columns: ['id', ...namesOf(store.columns)] }];
  }
  const changing = ['version', ...namesOf(store.columns)];
  return [
    { table, verbs: ['select', 'insert'], columns: [store.key.column, ...changing, ...namesOf(store.fixed)] },
    { table, verbs: ['update'], columns: changing },
  ];
}

const namesOf = (columns: KeyedState['columns']): string[] => fieldsOf(columns).map(({ column }) => column);

function byExchange(all: readonly { readonly exchange: string; readonly routingKey: string }[]): PublishNeed[] {
  return unique(all.map(({ exchange }) => exchange)).map((exchange) => ({
    exchange,
    routingKeys: unique(all.filter((one) => one.exchange === exchange).map(({ routingKey }) => routingKey)),
  }));
}

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();
