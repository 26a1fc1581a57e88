/**
 * Runs one actor: the delivery pipeline from its queue to the ack.
 *
 * mailbox → decode + validate → dedupe → effects → group commit → mark · ack → dispatch
 *
 * Admission and commit run side by side: while one batch commits, the next is decoded and looked up in Redis. What was
 * delivered before comes out of the mailbox by a way of its own (`redeliveries.ts`).
 */
import { isId } from '../messaging/message-id.js';
import { alertFiled } from '../observability/alert-filed.js';
import { failpoint, failpointAfterWrite } from '../observability/failpoint.js';
import type { Logger } from '../observability/log.js';
import { batchSize, commitSeconds, messagesSettled } from '../observability/metrics.js';
import { within } from '../observability/shutdown.js';
import { CrashMarks } from '../postgres/crash-marks.js';
import { KeyedTable } from '../postgres/keyed-table.js';
import type { Provider } from '../providers/provider.js';
import { Consumer } from '../rabbitmq/consumer.js';
import type { Delivery } from '../rabbitmq/delivery.js';
import { Batches } from './batches.js';
import type { ActorDefinition } from './definition.js';
import { admitEffects } from './effect-admission.js';
import { EffectStage } from './effect-stage.js';
import { type FailedDeliveryOptions, giveBack, settleFailed } from './failed-delivery.js';
import { type Committed, GroupCommit, type Ready, type Settled } from './group-commit.js';
import { InFlight } from './in-flight.js';
import { Mailbox } from './mailbox.js';
import { pauseBetweenTries } from './pause.js';
import type { ProcessParts } from './process-parts.js';
import { ProviderPause } from './provider-pause.js';
import { Redeliveries } from './redeliveries.js';
import { readWork, type Work } from './work.js';

/** Deliveries admitted together at most. */
const AT_ONCE = 256;
/** Before a message that another process has claimed is looked at again. */
const CLAIMED_RETRY_MS = 500;
/** For the loops to end once nothing is under way; a database that hangs is not waited for. */
const END_MS = 2000;

export interface RunnerLimits {
  readonly prefetch: number;
  readonly concurrency: number;
  /** Given back this often while a provider is left alone, in milliseconds. @default 60_000 */
  readonly giveBackEveryMs?: number;
}

export class ActorRunner {
  readonly #actor: ActorDefinition;
  readonly #parts: ProcessParts;
  readonly #log: Logger;
  readonly #deliveries = new Mailbox<Delivery>();
  readonly #ready = new Batches<Ready>();
  readonly #redeliveries: Redeliveries;
  readonly #effects: EffectStage;
  readonly #commits: GroupCommit;
  readonly #consumer: Consumer;
  readonly #pause: ProviderPause;
  readonly #stopping = new AbortController();
  readonly #hurry = new AbortController();
  readonly #inFlight: InFlight;
  readonly #settled;
  #committing = false;
  #failing = 0;
  #loops: Promise<unknown> = Promise.resolve();

  /** @param providers those whom its effects ask */
  constructor(
    actor: ActorDefinition,
    instance: Readonly<Record<string, unknown>>,
    limits: RunnerLimits,
    parts: ProcessParts,
    providers: readonly Provider[] = [],
  ) {
    const { database, isolation, outboxLeaseMs, release } = parts;
    this.#actor = actor;
    this.#parts = parts;
    this.#inFlight = new InFlight(actor.name);
    this.#settled = {
      done: messagesSettled.labels({ actor: actor.name, outcome: 'done' }),
      duplicate: messagesSettled.labels({ actor: actor.name, outcome: 'duplicate' }),
    };
    this.#log = parts.log.child({ actor: actor.name });
    const tables = new Map(Object.entries(actor.states).map(([name, state]) => [name, new KeyedTable(state)]));
    const pause = pauseBetweenTries(this.#log, this.#hurry.signal);
    this.#commits = new GroupCommit({ actor, instance, tables, database, outboxLeaseMs, release, pause });
    this.#pause = new ProviderPause({
      providers,
      giveBackEveryMs: limits.giveBackEveryMs,
      onResume: () => this.#effects.proceed(),
      onGiveBack: () => this.#giveBack(),
    });
    this.#effects = new EffectStage({
      actor,
      instance,
      tables,
      database,
      most: () => this.#pause.most(limits.concurrency),
      pause,
      onPrepared: (work, prepared) => this.#ready.put({ work, prepared }),
      onFailed: (work, error) => this.#fail(work, error),
      // The transaction files it behind the letter, or finds that its turn has come.
      onWaiting: (work) => this.#ready.put({ work }),
      onGone: (work) => this.#forget(work),
    });
    this.#redeliveries = new Redeliveries({
      actor: actor.name,
      marks: new CrashMarks(database, actor.name, this.#log),
      isolation,
      log: this.#log,
      begin: (deliveries) => this.#begin(deliveries),
      deadLetter: (delivery, error) => this.#moveAway(delivery, error),
      pause,
      stopping: this.#stopping.signal,
    });
    isolation.join(() => this.#effects.empty && this.#ready.empty && !this.#committing);
    this.#consumer = new Consumer(
      parts.consuming,
      { queue: actor.name, prefetch: limits.prefetch, onDelivery: (delivery) => this.#deliveries.put(delivery) },
      this.#log,
    );
  }

  /** True while the broker sends it messages. */
  get subscribed(): boolean {
    return this.#consumer.subscribed;
  }

  /** True, or what keeps it from its work. */
  readiness(): true | string {
    return this.subscribed ? this.#pause.readiness() : 'not subscribed to its queue';
  }

  start(): void {
    this.#loops = Promise.all([this.#admitAll(), this.#redeliveries.run(), this.#commitAll()]).catch((error) => {
      // Only a defect of the runtime itself ends a loop; better to die and be restarted than to stand still.
      this.#log.fatal({ err: error }, 'the actor stopped by itself');
      process.exitCode = 1;
      process.kill(process.pid, 'SIGTERM');
    });
  }

  /** Takes no more, finishes what is begun within `graceMs`, and gives the rest back to the queue. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#pause.close();
    this.#deliveries.close();
    this.#redeliveries.close();
    this.#effects.close();
    await this.#consumer.stop();
    const deadline = Date.now() + graceMs;
    while (this.#busy() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    const reason = new Error('the process has to stop');
    this.#hurry.abort(reason);
    this.#effects.abort(reason);
    this.#redeliveries.abandon();
    this.#ready.close();
    await within(END_MS, this.#loops);
    await this.#consumer.close();
  }

  /** Begun: being performed, committed, or moved to the ladder. */
  #busy(): boolean {
    return this.#effects.running > 0 || !this.#ready.empty || this.#committing || this.#failing > 0;
  }

  async #admitAll(): Promise<void> {
    for (
      let batch = await this.#deliveries.take(AT_ONCE);
      batch.length > 0;
      batch = await this.#deliveries.take(AT_ONCE)
    ) {
      const first = batch.filter((delivery) => !this.#setApart(delivery));
      await this.#parts.isolation.together(() => this.#begin(first));
    }
  }

  /** True when it was delivered before. Without a message id it only comes to be refused. */
  #setApart(delivery: Delivery): boolean {
    const { redelivered, messageId } = delivery;
    if (!redelivered || messageId === undefined || !isId(messageId)) return false;
    this.#redeliveries.put(messageId, delivery);
    return true;
  }

  async #begin(deliveries: readonly Delivery[]): Promise<void> {
    failpoint('delivery-received');
    const works: Work[] = [];
    for (const delivery of deliveries) {
      const work = delivery.live ? this.#read(delivery) : undefined;
      if (work !== undefined && this.#inFlight.admit(work.message.id, delivery)) works.push(work);
      // A first delivery says nothing of a redelivered one of the same message, which may be under way.
      else if (delivery.redelivered && delivery.messageId !== undefined) this.#redeliveries.ended(delivery.messageId);
    }
    for (const work of works) if (work.handler.kind === 'decision') this.#ready.put({ work });
    await this.#prepareEffects(works.filter(({ handler }) => handler.kind === 'effect'));
  }

  #read(delivery: Delivery): Work | undefined {
    try {
      return readWork(this.#actor, delivery);
    } catch (error) {
      void this.#moveAway(delivery, error);
      return undefined;
    }
  }

  async #prepareEffects(works: readonly Work[]): Promise<void> {
    if (works.length === 0) return;
    const { handled, held, free } = await admitEffects(this.#parts.cache, this.#actor.name, works);
    // The mark only spares the effect: the inbox tells whether it was handled, and the event log whether it is the same.
    for (const work of handled) this.#ready.put({ work });
    this.#effects.add(free);
    if (held.length === 0) return;
    setTimeout(() => {
      for (const work of held) this.#again(work);
    }, CLAIMED_RETRY_MS).unref();
  }

  async #commitAll(): Promise<void> {
    for (let batch = await this.#ready.next(); batch.length > 0; batch = await this.#ready.next()) {
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

  #finish({ settled, messages }: Committed): void {
    failpoint('commit-committed');
    const done = settled
      .filter(({ kind, work }) => kind === 'done' && work.handler.kind === 'effect')
      .map(({ work }) => work.message.id);
    // Only now: a mark before the commit would make Redis lie after a rollback.
    if (done.length > 0) {
      void this.#parts.cache.mark(this.#actor.name, done);
      failpointAfterWrite('settle-marked');
    }
    for (const one of settled) this.#finishOne(one);
    failpointAfterWrite('settle-acked');
    this.#parts.dispatcher.dispatch(messages);
  }

  #finishOne(settled: Settled): void {
    const { work } = settled;
    if (settled.kind === 'failed') {
      this.#fail(work, settled.error);
    } else if (settled.kind === 'moved') {
      this.#performAgain(work);
    } else if (settled.kind === 'dead' || settled.kind === 'held') {
      if (settled.kind === 'dead') alertFiled(this.#log, settled.letter);
      this.#file(work, settled.kind);
    } else {
      this.#settle(work, settled.kind);
    }
  }

  /** It stands in PostgreSQL among the dead letters, and is no longer the queue's. */
  #file(work: Work, kind: 'dead' | 'held'): void {
    if (kind === 'dead') this.#effects.filed();
    if (work.handler.kind === 'effect') void this.#parts.cache.unclaim(this.#actor.name, [work.message.id]);
    work.delivery.ack();
    messagesSettled.inc({ actor: this.#actor.name, outcome: kind === 'dead' ? 'dead-lettered' : 'held' });
    if (kind === 'held') {
      const { correlationId, id, type } = work.message;
      this.#log.warn({ orderId: correlationId, messageId: id, type }, 'waits behind a dead letter of its order');
    }
    this.#forget(work);
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
    if (work.handler.kind === 'effect') {
      if (this.#pause.excuses(error)) {
        const { correlationId, id } = work.message;
        this.#log.debug({ orderId: correlationId, messageId: id, err: error }, 'waits for its provider');
        this.#performAgain(work);
        return;
      }
      void this.#parts.cache.unclaim(this.#actor.name, [work.message.id]);
    }
    this.#redeliveries.ended(work.message.id);
    void this.#moveAway(work.delivery, error).then(() => this.#forget(work));
  }

  /** As soon as it may be; its keys are free again before it waits for them. */
  #performAgain(work: Work): void {
    this.#effects.release(work);
    if (work.delivery.live) this.#effects.add([work]);
    else this.#forget(work);
  }

  /** All that waits for a provider. */
  #giveBack(): void {
    const works = this.#effects.takeWaiting();
    if (works.length === 0) return;
    const ids = works.map(({ message }) => message.id);
    void this.#parts.cache.unclaim(this.#actor.name, ids);
    for (const work of works) {
      void this.#move((options) => giveBack(work.delivery, options)).then(() => this.#forget(work));
    }
  }

  /** To the ladder or the dead letters. */
  #moveAway(delivery: Delivery, error: unknown): Promise<void> {
    return this.#move(async (options) => {
      await settleFailed(delivery, error, options);
      this.#effects.filed();
    });
  }

  async #move(move: (options: FailedDeliveryOptions) => Promise<void>): Promise<void> {
    const { publisher, database, release } = this.#parts;
    this.#failing += 1;
    await move({
      actor: this.#actor,
      publisher,
      database,
      release,
      log: this.#log,
      stopping: this.#stopping.signal,
      pause: pauseBetweenTries(this.#log, this.#stopping.signal),
    });
    this.#failing -= 1;
  }

  /** The work is out of hand: its keys are free, and deliveries of the same message have their turn. */
  #forget(work: Work): void {
    this.#redeliveries.ended(work.message.id);
    if (work.handler.kind === 'effect') this.#effects.release(work);
    for (const twin of this.#inFlight.settle(work.message.id)) this.#deliveries.put(twin);
  }

  #again(work: Work): void {
    this.#forget(work);
    this.#deliveries.put(work.delivery);
  }
}
