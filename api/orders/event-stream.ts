/** Server-sent events: an order's messages from the first on, its status when it changes, and the end when it is final. */
import type { FastifyBaseLogger, FastifyReply } from 'fastify';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { isAtItsEnd } from '../../workers/orders/messages.js';
import { intakeRefused } from '../metrics.js';
import { Problem } from '../problem.js';
import { ServerSentStream } from '../server-sent-stream.js';
import type { OrderEvent } from './event-rows.js';
import type { OwnOrder } from './find-order.js';
import { type EventFollower, tellWhatIsNew } from './followed-events.js';
import { OrderWatch, storefrontsOf } from './order-watch.js';
import { Places } from './places.js';
import { StreamPosition } from './stream-position.js';

/** Leaves connections for those who ask and those who wait. */
export const STREAMS_AT_MOST = 6000;
const AGAIN_AFTER_S = 5;
const PACE = { leastMs: 100, mostMs: 2000, ordersAtMost: 500 } as const;
/** A stream ends so long after its key was revoked at most. */
const REVOKED_AFTER_MS = 3000;

interface FollowedOrder extends OwnOrder {
  /** With which it is followed; once this is revoked, the stream ends. */
  readonly keyId: string;
}

export interface EventStreamsOptions {
  /** Tells which of the keys are let in. */
  readonly letIn: KeysLetIn;
  /** How many may be open at once. */
  readonly atMost: number;
  readonly log: FastifyBaseLogger;
}

type KeysLetIn = (keyIds: readonly string[]) => Promise<ReadonlySet<string>>;

/** All streams of the process. */
export class EventStreams {
  readonly #watch: OrderWatch<EventStream>;
  readonly #open = new Set<EventStream>();
  readonly #places: Places;
  readonly #letIn: KeysLetIn;
  readonly #revocations: NodeJS.Timeout;
  #closing = false;

  constructor(rows: StorefrontRows, { letIn, atMost, log }: EventStreamsOptions) {
    this.#letIn = letIn;
    this.#places = new Places(atMost);
    // A database that is away says nothing about keys.
    this.#revocations = setInterval(() => void this.#endRevoked().catch(() => undefined), REVOKED_AFTER_MS).unref();
    this.#watch = new OrderWatch({
      ...PACE,
      log,
      look: (streams) => rows.of(...storefrontsOf(streams)).transaction((own) => tellWhatIsNew(own, streams)),
    });
  }

  /**
   * Answers with a stream.
   * @throws {Problem} `intake.overloaded` when too many are open, or the process is stopping; `order.too-many-streams` when too many
   * of them are the storefront's
   */
  open(order: FollowedOrder, lastEventId: string | undefined, reply: FastifyReply): void {
    this.#takePlace(order);
    reply.hijack();
    const stream = new EventStream(order, lastEventId, reply);
    this.#open.add(stream);
    this.#watch.follow(stream);
    stream.whenNobodyWaits(() => {
      this.#watch.unfollow(stream);
      this.#open.delete(stream);
      this.#places.leave(order.storefrontId);
    });
  }

  /** Ends all streams; their readers come back to another process with their Last-Event-ID. */
  close(): void {
    this.#closing = true;
    clearInterval(this.#revocations);
    for (const stream of this.#open) stream.end();
  }

  #takePlace({ storefrontId }: FollowedOrder): void {
    const place = this.#closing ? 'full' : this.#places.take(storefrontId);
    if (place === 'taken') return;
    intakeRefused.inc({ full: place === 'share' ? 'streams-of-one' : 'streams' });
    if (place === 'share')
      throw new Problem('order.too-many-streams', 'Close streams that nobody needs, or read orders without one.', {
        retryAfterS: AGAIN_AFTER_S,
      });
    throw new Problem('intake.overloaded', 'No further stream can be opened here; try again.', {
      retryAfterS: AGAIN_AFTER_S,
    });
  }

  async #endRevoked(): Promise<void> {
    if (this.#open.size === 0) return;
    const asked = [...this.#open];
    const admitted = await this.#letIn([...new Set(asked.map(({ keyId }) => keyId))]);
    for (const stream of asked) if (!admitted.has(stream.keyId)) stream.end();
  }
}

/** A reader who is let go comes back with its Last-Event-ID. */
class EventStream implements EventFollower {
  readonly orderId: string;
  readonly storefrontId: string;
  readonly keyId: string;
  readonly #stream: ServerSentStream;
  readonly #position: StreamPosition;
  #status: string | undefined;

  constructor({ orderId, storefrontId, keyId }: FollowedOrder, lastEventId: string | undefined, reply: FastifyReply) {
    this.orderId = orderId;
    this.storefrontId = storefrontId;
    this.keyId = keyId;
    this.#position = new StreamPosition(lastEventId);
    this.#stream = new ServerSentStream(reply);
  }

  whenNobodyWaits(work: () => void): void {
    this.#stream.whenNobodyWaits(work);
  }

  get ready(): boolean {
    return !this.#stream.behind;
  }

  unseen(ids: readonly string[]): readonly string[] {
    return this.#position.unseen(ids);
  }

  take(events: readonly OrderEvent[], status: string): boolean {
    for (const event of events) {
      // The rest is there at another look, once this much is read.
      if (this.#stream.behind) return true;
      this.#stream.send({ id: this.#position.advance(event.id), event: event.type, data: event });
    }
    const changed = status !== this.#status;
    if (changed) {
      this.#status = status;
      this.#stream.send({ event: 'status', data: { orderId: this.orderId, status } });
    }
    if (isAtItsEnd({ status })) this.end();
    return changed || events.length > 0;
  }

  end(): void {
    this.#stream.end();
  }
}
