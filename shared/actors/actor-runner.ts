/**
 * Runs one actor: the delivery pipeline from its queue to the ack.
 *
 * mailbox → decode + validate → dedupe → effects → group commit → mark · ack → dispatch
 *
 * Admission and commit run side by side: while one batch commits, the next is decoded and looked up in Redis.
 */
import { type Decoded, decode } from '../messaging/wire.js';
import type { Logger } from '../observability/log.js';
import { batchSize, commitSeconds, messagesSettled } from '../observability/metrics.js';
import { within } from '../observability/shutdown.js';
import type { Database } from '../postgres/database.js';
import { KeyedTable } from '../postgres/keyed-table.js';
import type { BrokerConnection } from '../rabbitmq/connection.js';
import { Consumer } from '../rabbitmq/consumer.js';
import type { Delivery } from '../rabbitmq/delivery.js';
import type { Publisher } from '../rabbitmq/publisher.js';
import type { Cache } from '../redis/cache.js';
import type { ActorDefinition } from './definition.js';
import { EffectStage } from './effect-stage.js';
import { settleFailed } from './failed-delivery.js';
import { type Committed, GroupCommit, type Ready, type Settled } from './group-commit.js';
import { InFlight } from './in-flight.js';
import { Mailbox } from './mailbox.js';
import type { OutboxDispatcher } from './outbox-dispatcher.js';
import { pauseBetweenTries } from './pause.js';
import { needsOf, refsOf, type Work } from './work.js';

/** Messages committed together at most. */
const BATCH = 256;
/**
 * While much is coming in, a batch smaller than this waits a moment for more: a transaction costs nearly the same for ten
 * messages as for a hundred. A batch after a small one never waits, so a quiet fleet answers at once.
 */
const ENOUGH = 192;
const MUCH = 16;
const LINGER_MS = 10;
/** Before a message that another process has claimed is looked at again. */
const CLAIMED_RETRY_MS = 500;
/** A claim that nobody gave up lapses after this long; that of a dead process within seconds. */
const CLAIM_TTL_MS = 300_000;
/** For the loops to end once nothing is under way; a database that hangs is not waited for. */
const END_MS = 2000;

/** What the actors of a process share. */
export interface Fleet {
  readonly consuming: BrokerConnection;
  readonly publisher: Publisher;
  readonly dispatcher: OutboxDispatcher;
  readonly database: Database;
  readonly cache: Cache;
  readonly outboxLeaseMs: number;
  readonly release: string;
  readonly log: Logger;
}

export interface RunnerLimits {
  readonly prefetch: number;
  readonly concurrency: number;
}

export class ActorRunner {
  readonly #actor: ActorDefinition;
  readonly #fleet: Fleet;
  readonly #log: Logger;
  readonly #deliveries = new Mailbox<Delivery>();
  readonly #ready = new Mailbox<Ready>();
  readonly #effects: EffectStage;
  readonly #commits: GroupCommit;
  readonly #consumer: Consumer;
  readonly #stopping = new AbortController();
  readonly #hurry = new AbortController();
  readonly #inFlight: InFlight;
  readonly #settled;
  #committing = false;
  #failing = 0;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(actor: ActorDefinition, instance: Readonly<Record<string, unknown>>, limits: RunnerLimits, fleet: Fleet) {
    const { database, outboxLeaseMs } = fleet;
    this.#actor = actor;
    this.#fleet = fleet;
    this.#inFlight = new InFlight(actor.name);
    this.#settled = {
      done: messagesSettled.labels({ actor: actor.name, outcome: 'done' }),
      duplicate: messagesSettled.labels({ actor: actor.name, outcome: 'duplicate' }),
    };
    this.#log = fleet.log.child({ actor: actor.name });
    const tables = new Map(Object.entries(actor.states).map(([name, state]) => [name, new KeyedTable(state)]));
    const pause = pauseBetweenTries(this.#log, this.#hurry.signal);
    this.#commits = new GroupCommit({ actor, instance, tables, database, outboxLeaseMs, pause });
    this.#effects = new EffectStage({
      actor,
      instance,
      tables,
      database,
      concurrency: limits.concurrency,
      pause,
      onPrepared: (work, prepared) => this.#ready.put({ work, prepared }),
      onFailed: (work, error) => this.#fail(work, error),
      onGone: (work) => this.#forget(work),
    });
    this.#consumer = new Consumer(
      fleet.consuming,
      { queue: actor.name, prefetch: limits.prefetch, onDelivery: (delivery) => this.#deliveries.put(delivery) },
      this.#log,
    );
  }

  /** True while the broker sends it messages. */
  get subscribed(): boolean {
    return this.#consumer.subscribed;
  }

  start(): void {
    this.#loops = Promise.all([this.#admitAll(), this.#commitAll()]).catch((error) => {
      // Only a defect of the runtime itself ends a loop; better to die and be restarted than to stand still.
      this.#log.fatal({ err: error }, 'the actor stopped by itself');
      process.exitCode = 1;
      process.kill(process.pid, 'SIGTERM');
    });
  }

  /** Takes no more, finishes what is begun within `graceMs`, and gives the rest back to the queue. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#deliveries.close();
    this.#effects.close();
    await this.#consumer.stop();
    const deadline = Date.now() + graceMs;
    while (this.#busy() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    const reason = new Error('the process has to stop');
    this.#hurry.abort(reason);
    this.#effects.abort(reason);
    this.#ready.close();
    await within(END_MS, this.#loops);
    await this.#consumer.close();
  }

  /** Begun: being performed, committed, or moved to the ladder. */
  #busy(): boolean {
    return this.#effects.running > 0 || this.#ready.size > 0 || this.#committing || this.#failing > 0;
  }

  async #admitAll(): Promise<void> {
    for (let batch = await this.#deliveries.take(BATCH); batch.length > 0; batch = await this.#deliveries.take(BATCH)) {
      await this.#admit(batch);
    }
  }

  async #admit(deliveries: readonly Delivery[]): Promise<void> {
    const works: Work[] = [];
    for (const delivery of deliveries) {
      if (!delivery.live) continue;
      const work = this.#decode(delivery);
      if (work === undefined) continue;
      if (this.#inFlight.admit(work.message.id, delivery)) works.push(work);
    }
    for (const work of works) if (work.handler.kind === 'decision') this.#ready.put({ work });
    await this.#prepareEffects(works.filter(({ handler }) => handler.kind === 'effect'));
  }

  #decode(delivery: Delivery): Work | undefined {
    try {
      const message = decode(delivery, (type) => this.#actor.handlers.get(type)?.contract);
      const handler = this.#handlerOf(message);
      const needs = needsOf(this.#actor, handler, message);
      return { delivery, message, handler, needs, refs: refsOf(needs) };
    } catch (error) {
      void this.#moveAway(delivery, error);
      return undefined;
    }
  }

  #handlerOf({ type }: Decoded) {
    const handler = this.#actor.handlers.get(type);
    if (handler === undefined) throw new RangeError(`${type} was decoded without a handler`);
    return handler;
  }

  /**
   * Asks Redis what was done before or is being done elsewhere, since an effect is dear. A decision is not asked for: the
   * inbox tells in the statement that claims the batch anyway, and the question cost more than it saved.
   */
  async #prepareEffects(works: readonly Work[]): Promise<void> {
    if (works.length === 0) return;
    const { cache } = this.#fleet;
    const ids = works.map(({ message }) => message.id);
    const [handled, elsewhere] = await Promise.all([
      cache.handled(this.#actor.name, ids),
      cache.claimedByOthers(this.#actor.name, ids, CLAIM_TTL_MS),
    ]);
    const held: Work[] = [];
    const free: Work[] = [];
    for (const work of works) {
      if (handled.has(work.message.id)) this.#settle(work, 'duplicate');
      else if (elsewhere.has(work.message.id)) held.push(work);
      else free.push(work);
    }
    this.#effects.add(free);
    if (held.length === 0) return;
    setTimeout(() => {
      for (const work of held) this.#again(work);
    }, CLAIMED_RETRY_MS).unref();
  }

  async #commitAll(): Promise<void> {
    let last = 0;
    for (let batch = await this.#nextBatch(last); batch.length > 0; batch = await this.#nextBatch(last)) {
      last = batch.length;
      this.#committing = true;
      const stop = commitSeconds.startTimer({ actor: this.#actor.name });
      let committed: Committed;
      try {
        committed = await this.#commits.commit(batch);
      } catch (error) {
        // The process stops while the database is away: nothing was committed, and the broker delivers it again.
        if (!this.#hurry.signal.aborted) throw error;
        return;
      } finally {
        this.#committing = false;
        stop();
      }
      batchSize.observe({ actor: this.#actor.name }, batch.length);
      this.#finish(committed);
    }
  }

  /** What is ready, after a moment's wait for more while much is coming in. @param last size of the batch before */
  async #nextBatch(last: number): Promise<Ready[]> {
    const batch = await this.#ready.take(BATCH);
    if (last < MUCH || batch.length >= ENOUGH || batch.length === 0) return batch;
    this.#committing = true;
    await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
    return [...batch, ...this.#ready.takeNow(BATCH - batch.length)];
  }

  #finish({ settled, messages }: Committed): void {
    const done = settled
      .filter(({ kind, work }) => kind === 'done' && work.handler.kind === 'effect')
      .map(({ work }) => work.message.id);
    // Only now: a mark before the commit would make Redis lie after a rollback.
    if (done.length > 0) void this.#fleet.cache.mark(this.#actor.name, done);
    for (const one of settled) this.#finishOne(one);
    this.#fleet.dispatcher.dispatch(messages);
  }

  #finishOne(settled: Settled): void {
    const { work } = settled;
    if (settled.kind === 'failed') {
      this.#fail(work, settled.error);
    } else if (settled.kind === 'moved') {
      // Its keys are free again before it waits for them.
      this.#effects.release(work);
      if (work.delivery.live) this.#effects.add([work]);
      else this.#forget(work);
    } else {
      this.#settle(work, settled.kind);
    }
  }

  #settle(work: Work, outcome: 'done' | 'duplicate'): void {
    work.delivery.ack();
    this.#settled[outcome].inc();
    if (this.#log.isLevelEnabled('debug')) {
      const { correlationId, id, type, attempt } = work.message;
      this.#log.debug(
        { orderId: correlationId, messageId: id, type, attempt },
        outcome === 'done' ? 'handled' : 'handled before',
      );
    }
    this.#forget(work);
  }

  #fail(work: Work, error: unknown): void {
    if (this.#hurry.signal.aborted) return;
    if (work.handler.kind === 'effect') void this.#fleet.cache.unclaim(this.#actor.name, [work.message.id]);
    void this.#moveAway(work.delivery, error).then(() => this.#forget(work));
  }

  /** To the ladder or the dead letters. */
  async #moveAway(delivery: Delivery, error: unknown): Promise<void> {
    const { publisher, release } = this.#fleet;
    this.#failing += 1;
    await settleFailed(delivery, error, {
      actor: this.#actor,
      publisher,
      release,
      log: this.#log,
      stopping: this.#stopping.signal,
    });
    this.#failing -= 1;
  }

  /** The work is out of hand: its keys are free, and deliveries of the same message have their turn. */
  #forget(work: Work): void {
    if (work.handler.kind === 'effect') this.#effects.release(work);
    for (const twin of this.#inFlight.settle(work.message.id)) this.#deliveries.put(twin);
  }

  #again(work: Work): void {
    this.#forget(work);
    this.#deliveries.put(work.delivery);
  }
}
