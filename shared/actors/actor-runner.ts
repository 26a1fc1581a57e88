/**
 * Runs one actor: the delivery pipeline from its queue to the ack.
 *
 * mailbox → decode + validate → dedupe → effects → group commit → mark · ack → dispatch
 *
 * Admission and commit run side by side: while one batch commits, the next is decoded and looked up in Redis. What was
 * delivered before comes out of the mailbox by a way of its own (`redeliveries.ts`).
 */
import { isId } from '../messaging/message-id.js';
import { failpoint } from '../observability/failpoint.js';
import type { Logger } from '../observability/log.js';
import { batchSize, commitSeconds } from '../observability/metrics.js';
import { within } from '../observability/shutdown.js';
import { CrashMarks } from '../postgres/crash-marks.js';
import { KeyedTable } from '../postgres/keyed-table.js';
import type { QueueSetting } from '../postgres/queue-settings.js';
import type { Provider } from '../providers/provider.js';
import { Consumer } from '../rabbitmq/consumer.js';
import type { Delivery } from '../rabbitmq/delivery.js';
import type { Committed, Ready } from './batch-transaction.js';
import { Batches } from './batches.js';
import type { ActorDefinition } from './definition.js';
import { Departures } from './departures.js';
import { admitEffects } from './effect-admission.js';
import { EffectStage } from './effect-stage.js';
import { GroupCommit } from './group-commit.js';
import { InFlight } from './in-flight.js';
import { Mailbox } from './mailbox.js';
import { pauseBetweenTries } from './pause.js';
import type { ProcessParts } from './process-parts.js';
import { ProviderPause } from './provider-pause.js';
import { Redeliveries } from './redeliveries.js';
import { Settlement } from './settlement.js';
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
  /** Consumes nothing until `adjust` says what operators have set. @default false */
  readonly held?: boolean;
}

export class ActorRunner {
  readonly #actor: ActorDefinition;
  readonly #parts: ProcessParts;
  readonly #log: Logger;
  readonly #deliveries = new Mailbox<Delivery>(({ content }) => content.length);
  readonly #ready = new Batches<Ready>();
  readonly #redeliveries: Redeliveries;
  readonly #effects: EffectStage;
  readonly #commits: GroupCommit;
  readonly #departures: Departures;
  readonly #settlement: Settlement;
  readonly #consumer: Consumer;
  readonly #pause: ProviderPause;
  readonly #stopping = new AbortController();
  readonly #hurry = new AbortController();
  readonly #inFlight: InFlight;
  readonly #ownPrefetch: number;
  /** Nothing is begun. */
  #held: boolean;
  #committing = false;
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
    this.#ownPrefetch = limits.prefetch;
    this.#held = limits.held ?? false;
    this.#inFlight = new InFlight(actor.name);
    this.#log = parts.log.child({ actor: actor.name });
    const tables = new Map(Object.entries(actor.states).map(([name, state]) => [name, new KeyedTable(state)]));
    const pause = pauseBetweenTries(this.#log, this.#hurry.signal);
    this.#commits = new GroupCommit({ actor, instance, tables, database, outboxLeaseMs, release, pause });
    this.#departures = new Departures({
      actor,
      parts,
      log: this.#log,
      stopping: this.#stopping.signal,
      onFiled: () => this.#effects.filed(),
    });
    this.#pause = new ProviderPause({
      providers,
      giveBackEveryMs: limits.giveBackEveryMs,
      onResume: () => this.#effects.proceed(),
      onGiveBack: () => this.#settlement.giveBack(this.#effects.takeWaiting()),
    });
    this.#effects = new EffectStage({
      actor,
      instance,
      tables,
      database,
      most: () => (this.#held ? 0 : this.#pause.most(limits.concurrency)),
      pause,
      onPrepared: (work, prepared) => this.#ready.put({ work, prepared }),
      onFailed: (work, error) => this.#settlement.fail(work, error),
      // The transaction files it behind the letter, or finds that its turn has come.
      onWaiting: (work) => this.#ready.put({ work }),
      onGone: (work) => this.#settlement.gone(work),
    });
    this.#redeliveries = new Redeliveries({
      actor: actor.name,
      marks: new CrashMarks(database, actor.name, this.#log),
      isolation,
      log: this.#log,
      begin: (deliveries) => this.#begin(deliveries),
      mustWait: (delivery) => this.#held || (this.#pause.readiness() !== true && this.#isEffect(delivery)),
      giveBack: async (delivery) => (this.#held ? delivery.requeue() : this.#departures.giveBack(delivery)),
      deadLetter: (delivery, error) => this.#departures.fail(delivery, error),
      pause,
      stopping: this.#stopping.signal,
    });
    this.#settlement = new Settlement({
      actor: actor.name,
      parts,
      log: this.#log,
      inFlight: this.#inFlight,
      effects: this.#effects,
      redeliveries: this.#redeliveries,
      departures: this.#departures,
      pause: this.#pause,
      onTwin: (delivery) => this.#take(delivery),
      hurry: this.#hurry.signal,
    });
    isolation.join(() => this.#effects.empty && this.#ready.empty && !this.#committing);
    this.#consumer = new Consumer(
      parts.consuming,
      {
        queue: actor.name,
        prefetch: this.#held ? 0 : limits.prefetch,
        onDelivery: (delivery) => this.#take(delivery),
      },
      this.#log,
    );
  }

  /** True while the broker sends it messages. */
  get subscribed(): boolean {
    return this.#consumer.subscribed;
  }

  /** True, or what keeps it from its work. */
  readiness(): true | string {
    if (this.#held) return true;
    return this.subscribed ? this.#pause.readiness() : 'not subscribed to its queue';
  }

  /**
   * Keeps to what an operator has set; what is not set is as its code says. Held, it finishes what is begun, and what is not
   * goes back to its place in the queue. To be called again and again: what comes to wait while it is held goes back then.
   */
  async adjust({ paused, prefetch }: Pick<QueueSetting, 'paused' | 'prefetch'>): Promise<void> {
    const held = paused !== null;
    if (!held) this.#held = false;
    await this.#consumer.allow(held ? 0 : (prefetch ?? this.#ownPrefetch));
    // Only now: what it gives back while it is subscribed would be sent to it again at once.
    this.#held = held;
    if (held) this.#giveBackHeld();
    else this.#effects.proceed();
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
    const deadline = performance.now() + graceMs;
    while (this.#busy() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
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
    return this.#effects.running > 0 || !this.#ready.empty || this.#committing || this.#departures.underWay > 0;
  }

  async #admitAll(): Promise<void> {
    const next = async (): Promise<Delivery[]> => this.#deliveries.take(AT_ONCE, await this.#inFlight.room());
    for (let batch = await next(); batch.length > 0; batch = await next()) {
      const first = batch.filter((delivery) => !this.#setApart(delivery));
      await this.#parts.isolation.together(async () => {
        if (this.#held) for (const delivery of first) delivery.requeue();
        else await this.#begin(first);
      });
    }
  }

  #take(delivery: Delivery): void {
    if (this.#held) delivery.requeue();
    else this.#deliveries.put(delivery);
  }

  #giveBackHeld(): void {
    for (const delivery of this.#deliveries.takeNow(this.#deliveries.size)) delivery.requeue();
    this.#settlement.requeue(this.#effects.takeWaiting());
  }

  /** True when it was delivered before. Without a message id it only comes to be refused. */
  #setApart(delivery: Delivery): boolean {
    const { redelivered, messageId } = delivery;
    if (!redelivered || messageId === undefined || !isId(messageId)) return false;
    this.#redeliveries.put(messageId, delivery);
    return true;
  }

  #isEffect({ type, routingKey }: Delivery): boolean {
    return this.#actor.handlers.get(type ?? routingKey)?.kind === 'effect';
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
      void this.#departures.fail(delivery, error);
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
      this.#settlement.finish(committed);
    }
  }

  #again(work: Work): void {
    this.#settlement.forget(work);
    this.#take(work.delivery);
  }
}
