/**
 * Stores a batch of orders in one transaction and a handful of statements, whatever its size: claim the idempotency keys,
 * look up prices, store orders, payments and messages. Then sends the messages.
 */

import type { OutboxDispatcher } from '../../shared/actors/outbox-dispatcher.js';
import { type Message, newMessage } from '../../shared/messaging/message.js';
import { newTimer, type Timer } from '../../shared/messaging/timer.js';
import { placingOf } from '../../shared/messaging/trace-context.js';
import { BatchSpan } from '../../shared/observability/batch-span.js';
import { failpoint, failpointAfterWrite } from '../../shared/observability/failpoint.js';
import { recordCreated } from '../../shared/observability/message-spans.js';
import { tracing } from '../../shared/observability/tracing.js';
import { isAnswered, isUnavailable, VersionConflict } from '../../shared/postgres/failure.js';
import { storeMessages } from '../../shared/postgres/outbox.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { saveTimers } from '../../shared/postgres/timers.js';
import type { Keyring } from '../../shared/secrets/keyring.js';
import { EnforcePaymentDeadline, OrderPlaced } from '../../workers/orders/messages.js';
import { CommitUnknown } from '../intake/intake-queue.js';
import { intakeBatchSize, intakeCommitSeconds } from '../metrics.js';
import { Problem } from '../problem.js';
import { claimKeys, keepRefusals, keyOf, type Refusal } from './idempotency-claims.js';
import type { OrderRequest, WantedLine } from './order-request.js';
import { insertOrders, type NewOrder, pricesOf, type Secrets, sealSecrets } from './order-rows.js';
import { type Prices, price } from './pricing.js';
import { inFlight, type Placed, repeated } from './repetition.js';

/** An order that waits to be stored. Its id is given before, so that a batch can be committed again. */
export interface Placement {
  readonly orderId: string;
  readonly storefrontId: string;
  readonly idempotencyKey: string;
  readonly fingerprint: Buffer;
  readonly request: OrderRequest;
  readonly lines: readonly WantedLine[];
}

export interface Placing {
  readonly rows: StorefrontRows;
  readonly dispatcher: Pick<OutboxDispatcher, 'dispatch'>;
  readonly keyring: Keyring;
  readonly outboxLeaseMs: number;
  /** From placing an order to when its payment has to be authorized. */
  readonly paymentDeadlineMs: number;
}

export class OrderPlacement {
  readonly #placing: Placing;
  /** Begun on a connection that was lost. */
  readonly #tried = new WeakSet<Placement>();

  constructor(placing: Placing) {
    this.#placing = placing;
  }

  /**
   * Returns what became of each, in their order. Their idempotency keys must differ.
   * @throws {CommitUnknown} all or none were stored; doing it again tells which
   */
  async place(batch: readonly Placement[]): Promise<Placed[]> {
    const outcomes = await this.#store(batch);
    return batch.map((placement) => {
      const outcome = outcomes.get(keyOf(placement));
      if (outcome === undefined) throw new TypeError('every placement of the batch has an outcome');
      return outcome;
    });
  }

  async #store(placements: readonly Placement[]): Promise<Map<string, Placed>> {
    const { rows, dispatcher, keyring, outboxLeaseMs, paymentDeadlineMs } = this.#placing;
    // Before the transaction, which would keep its locks meanwhile.
    const secrets = new Map(placements.map((one) => [one, sealSecrets(keyring, one.orderId, one.request)]));
    const own = rows.of(...placements.map(({ storefrontId }) => storefrontId));
    const stop = intakeCommitSeconds.startTimer();
    const span = intakeSpan(placements);
    let decided = false;
    try {
      const { outcomes, messages } = await own.transaction(async (transaction) => {
        const outcomes = new Map<string, Placed>();
        const fresh: Placement[] = [];
        const [holders, pricesFor] = await Promise.all([
          claimKeys(transaction, placements),
          pricesOf(transaction, placements),
        ]);
        failpoint('intake-claimed');
        for (const placement of placements) {
          const holder = holders.get(keyOf(placement));
          if (holder === undefined) fresh.push(placement);
          else
            outcomes.set(keyOf(placement), holder === 'in-flight' ? this.#met(placement) : repeated(placement, holder));
        }
        const { orders, refused } = priceAll(fresh, pricesFor, secrets, outcomes);
        const messages = orders.map(({ message }) => message);
        const deadlines = orders.map(({ orderId }) => paymentDeadline(orderId, paymentDeadlineMs));
        const stored = Promise.all([
          keepRefusals(transaction, refused),
          insertOrders(transaction, orders),
          saveTimers(transaction, deadlines),
          storeMessages(transaction, messages, outboxLeaseMs),
        ]);
        decided = true;
        stored.catch((error) => {
          // Behind what PostgreSQL refuses it commits nothing.
          if (isAnswered(error)) decided = false;
        });
        transaction.commitBehind(stored);
        failpointAfterWrite('intake-stored');
        return { outcomes, messages };
      }, span?.watch);
      span?.end();
      failpoint('intake-committed');
      recordCreated(messages);
      dispatcher.dispatch(messages);
      intakeBatchSize.observe(placements.length);
      stop();
      return outcomes;
    } catch (error) {
      span?.end(error);
      if (!isUnavailable(error)) throw error;
      for (const placement of placements) this.#tried.add(placement);
      throw decided ? new CommitUnknown('the answer to the commit was lost', { cause: error }) : error;
    }
  }

  /** What a placement is told whose key another transaction is claiming. */
  #met(placement: Placement): Placed {
    // Perhaps it met itself: a server that has lost its client may be at what that began. The batch is tried again.
    if (this.#tried.has(placement))
      throw new VersionConflict(`an earlier try of order ${placement.orderId} is under way`);
    return { kind: 'refused', problem: inFlight() };
  }
}

/** Links to the requests. A batch that is tried again is several. */
function intakeSpan(placements: readonly Placement[]): BatchSpan | undefined {
  return BatchSpan.begin('intake', () =>
    placements.map(({ orderId }) => (tracing?.samples(orderId) === true ? placingOf(orderId) : undefined)),
  );
}

/** Prices the placements that claimed their keys; the keys of those that cannot be ordered lead to why from now on. */
function priceAll(
  fresh: readonly Placement[],
  pricesFor: (storefrontId: string) => Prices,
  secretsOf: ReadonlyMap<Placement, Secrets>,
  outcomes: Map<string, Placed>,
) {
  const orders: (NewOrder & { readonly message: Message })[] = [];
  const refused: (Placement & { readonly refusal: Refusal })[] = [];
  for (const placement of fresh) {
    const { orderId, storefrontId, request } = placement;
    const priced = price(placement.lines, pricesFor(storefrontId));
    const secrets = secretsOf.get(placement);
    if (secrets === undefined) throw new TypeError('every placement of the batch was sealed');
    if (priced instanceof Problem) {
      refused.push({ ...placement, refusal: { status: priced.status, body: priced.body() } });
      outcomes.set(keyOf(placement), { kind: 'refused', problem: priced });
    } else {
      const message = orderPlaced(placement, priced, secrets);
      orders.push({ orderId, storefrontId, request, secrets, ...priced, message });
      outcomes.set(keyOf(placement), { kind: 'placed', orderId });
    }
  }
  return { orders, refused };
}

/** The payment token is not part of it, nor of any other message; who ordered and where it goes are sealed. */
function orderPlaced(
  { orderId, storefrontId, request }: Placement,
  { lines, total }: Pick<NewOrder, 'lines' | 'total'>,
  { customer, shippingAddress }: Secrets,
): Message {
  const { reference } = request;
  return newMessage(
    OrderPlaced,
    {
      orderId,
      storefrontId,
      ...(reference === undefined ? {} : { reference }),
      customer,
      shippingAddress,
      lines,
      total,
    },
    { correlationId: orderId, causationId: null, producer: 'web', occurredAt: new Date() },
  );
}

const paymentDeadline = (orderId: string, afterMs: number): Timer =>
  newTimer(
    EnforcePaymentDeadline,
    { orderId },
    { correlationId: orderId, causationId: null, producer: 'web', afterMs },
  );
