/**
 * Runs one actor: the delivery pipeline from its queue to the ack.
 *
 * mailbox → decode + validate → effects → group commit, which claims the inbox → mark · ack → dispatch
 *
 * Admission and commit run side by side: while one batch commits, the next is decoded, and its effects are looked up in Redis.
 */
import type { Logger } from '../observability/log.js';
import { batchSize, commitSeconds } from '../observability/metrics.js';
import { within } from '../observability/shutdown.js';
import { CrashMarks } from '../postgres/crash-marks.js';
import type { ActorLoad } from '../postgres/instances.js';
import { KeyedTable } from '../postgres/keyed-table.js';
import type { QueueSetting } from '../postgres/queue-settings.js';
import type { Provider } from '../providers/provider.js';
import { Consumer } from '../rabbitmq/consumer.js';
import type { Delivery } from '../rabbitmq/delivery.js';
import { Admission } from './admission.js';
import type { Committed, Ready } from './batch-transaction.js';
import { Batches } from './batches.js';
import type { ActorDefinition } from './definition.js';
import { Departures } from './departures.js';
import { EffectStage } from './effect-stage.js';
import { GroupCommit } from './group-commit.js';
import { InFlight } from './in-flight.js';
import { pauseBetweenTries } from './pause.js';
import type { ProcessParts } from './process-parts.js';
import { ProviderPause } from './provider-pause.js';
import { Redeliveries } from './redeliveries.js';
import { Settlement } from './settlement.js';

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
  readonly #log: Logger;
  readonly #ready: Batches<Ready>;
  readonly #admission: Admission;
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
  /** Of it, or of an operator. */
  #prefetch: number;
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
    const { database, isolation, keyring, outboxLeaseMs, release } = parts;
    this.#actor = actor;
    this.#ownPrefetch = limits.prefetch;
    this.#held = limits.held ?? false;
    this.#prefetch = limits.prefetch;
    this.#ready = new Batches({ ...actor, mayGrow: (size) => size < this.#prefetch && !isolation.wanted });
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
      keyring,
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
      begin: (deliveries) => this.#admission.begin(deliveries),
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
      onTwin: (delivery) => this.#admission.take(delivery),
      hurry: this.#hurry.signal,
    });
    this.#admission = new Admission({
      actor,
      parts,
      inFlight: this.#inFlight,
      ready: this.#ready,
      effects: this.#effects,
      redeliveries: this.#redeliveries,
      departures: this.#departures,
      settlement: this.#settlement,
      held: () => this.#held,
    });
    isolation.join({
      quiet: () => this.#effects.empty && this.#ready.empty && !this.#committing,
      giveBack: () => this.#pause.giveBack(),
    });
    this.#consumer = new Consumer(
      parts.consuming,
      {
        queue: actor.name,
        prefetch: this.#held ? 0 : limits.prefetch,
        onDelivery: (delivery) => this.#admission.take(delivery),
      },
      this.#log,
    );
  }

  /** True while the broker sends it messages. */
  get subscribed(): boolean {
    return this.#consumer.subscribed;
  }

  get load(): Pick<ActorLoad, 'inFlight' | 'handled'> {
    return { inFlight: this.#consumer.unsettled, handled: this.#settlement.handled };
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
    this.#prefetch = prefetch ?? this.#ownPrefetch;
    await this.#consumer.allow(held ? 0 : this.#prefetch);
    // Only now: what it gives back while it is subscribed would be sent to it again at once.
    this.#held = held;
    if (held) this.#admission.requeue();
    else this.#effects.proceed();
  }

  start(): void {
    this.#loops = Promise.all([this.#admission.run(), this.#redeliveries.run(), this.#commitAll()]).catch((error) => {
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
    this.#admission.close();
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

  #isEffect({ type, routingKey }: Delivery): boolean {
    return this.#actor.handlers.get(type ?? routingKey)?.kind === 'effect';
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
}
