/** What effects begin with: states and keys of the persons of many orders by one look each, and which of them have to wait. */
import type { Database } from '../postgres/database.js';
import { isUnavailable } from '../postgres/failure.js';
import { orderKeys } from '../postgres/order-keys.js';
import type { Keyring } from '../secrets/keyring.js';
import { openPersonal } from '../secrets/persons.js';
import type { ActorDefinition } from './definition.js';
import { orderUnknown } from './errors.js';
import { LoadedStates, type Tables } from './loaded-states.js';
import type { EffectOutgoing } from './outgoing.js';
import { readFresh } from './read-fresh.js';
import { ofUnknownOrders } from './unknown-orders.js';
import { WaitingLine } from './waiting-line.js';
import type { Work } from './work.js';

export interface EffectSnapshot {
  readonly work: Work;
  /** Loaded with those of others. */
  readonly states: LoadedStates;
  /** The keys are as old as the states, seconds at most: what is erased is opened no more. */
  readonly open: EffectOutgoing['open'];
  /** On the monotonic clock. */
  readonly loadedAt: number;
}

export interface EffectSnapshotsOptions {
  readonly actor: ActorDefinition;
  readonly tables: Tables;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly pause: (failures: number, error: unknown) => Promise<void>;
  readonly onFailed: (work: Work, error: unknown) => void;
  /** Its order has a dead letter here: not to be performed before that is settled. */
  readonly onWaiting: (work: Work) => void;
}

export class EffectSnapshots {
  readonly #options: EffectSnapshotsOptions;
  readonly #line: WaitingLine;

  constructor(options: EffectSnapshotsOptions) {
    this.#options = options;
    this.#line = new WaitingLine(options.database, options.actor.name);
  }

  /** A letter was filed: its order's effects wait from now on. */
  filed(): void {
    this.#line.forget();
  }

  /** Undefined when the process stops before the database is back. One bad key harms only its own work. */
  async load(works: readonly Work[]): Promise<EffectSnapshot[] | undefined> {
    const { pause, onFailed } = this.#options;
    for (let failures = 1; ; failures++) {
      try {
        return await this.#look(works);
      } catch (error) {
        const [first] = works;
        if (isUnavailable(error)) {
          try {
            await pause(failures, error);
          } catch {
            return undefined;
          }
        } else if (works.length > 1) {
          const middle = Math.ceil(works.length / 2);
          const left = await this.load(works.slice(0, middle));
          const right = await this.load(works.slice(middle));
          return left === undefined || right === undefined ? undefined : [...left, ...right];
        } else {
          if (first !== undefined) onFailed(first, error);
          return [];
        }
      }
    }
  }

  async #look(works: readonly Work[]): Promise<EffectSnapshot[]> {
    const { database, tables, onWaiting, onFailed } = this.#options;
    const { value, at: loadedAt } = await readFresh(async () => {
      const waiting = await this.#line.waiting(works);
      const free = waiting.size === 0 ? works : works.filter(({ message }) => !waiting.has(message.id));
      const states = await LoadedStates.load(database, tables, free, false);
      const keys = await orderKeys(database, ordersToOpen(free));
      // An order that has a key is stored; one whose persons were erased, or never sealed, has none.
      const unknown = await ofUnknownOrders(
        database,
        free.filter(({ message }) => !keys.has(message.correlationId)),
      );
      return { waiting, free, states, keys, unknown };
    });
    const { waiting, free, states, keys, unknown } = value;
    for (const work of works) {
      const { id, correlationId } = work.message;
      if (waiting.has(id)) onWaiting(work);
      else if (unknown.has(id)) onFailed(work, orderUnknown(correlationId));
    }
    return free
      .filter(({ message }) => !unknown.has(message.id))
      .map((work) => ({ work, states, open: this.#opening(work, keys), loadedAt }));
  }

  #opening({ handler, message }: Work, keys: ReadonlyMap<string, string>): EffectSnapshot['open'] {
    const { keyring } = this.#options;
    const orderId = message.correlationId;
    return (member, personal) => {
      if (!handler.persons) throw new TypeError(`declare ${handler.method} with persons: true to open them`);
      return openPersonal(keyring, { orderId, sealedKey: keys.get(orderId) }, member, personal);
    };
  }
}

/** Those whose persons a handler may open. */
const ordersToOpen = (works: readonly Work[]): string[] =>
  works.flatMap(({ handler, message }) => (handler.persons ? [message.correlationId] : []));
