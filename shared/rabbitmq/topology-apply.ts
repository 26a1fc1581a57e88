/**
 * Makes the live topology the declared one, and never deletes a queue with messages in it. One at a time; what is left after its
 * time, or after somebody's death, the next call goes on with.
 */
import type { ChannelModel } from 'amqplib';
import { declareOn } from './declare.js';
import { liveTopology, planTopology, type TopologyPlan, type TopologyView } from './live-topology.js';
import { MigrationRefused, migrateQueue, type QueueHold } from './migrate-queue.js';
import { MoveReturned } from './move-messages.js';
import { onChannel, withConnection } from './own-connection.js';
import { removeAbandoned } from './remove-abandoned.js';
import type { Topology } from './topology.js';
import { lockTopology } from './topology-lock.js';
import type { Difference } from './topology-plan.js';

/** Whoever has the lock has it for seconds. */
const PATIENCE_MS = 2000;

export interface ApplyOptions {
  /** Nodes of the cluster. */
  readonly urls: readonly string[];
  readonly declared: Topology;
  readonly view: TopologyView;
  readonly hold: QueueHold;
  /** What is not done by then is left to the next call. */
  readonly untilMs: number;
  /** Told of each step before it is taken. */
  readonly onStep?: (says: string) => void;
}

export interface Applied extends TopologyPlan {
  /** What was done, in its order. */
  readonly did: readonly string[];
  /** What takes time: to be called again. */
  readonly waits: readonly string[];
  /** What cannot be done safely now, why, and what to do about it. */
  readonly refused: readonly string[];
}

/** @returns with the differences that are left @throws {TopologyBusy} */
export function applyTopology(options: ApplyOptions): Promise<Applied> {
  return withConnection(options.urls, async (connection) => {
    await lockTopology(connection, PATIENCE_MS);
    const work = new Applying(connection, options);
    await work.run(await planTopology(connection, options.declared, options.view));
    return { ...(await planTopology(connection, options.declared, options.view)), ...work.outcome };
  });
}

class Applying {
  readonly #connection: ChannelModel;
  readonly #options: ApplyOptions;
  readonly #did: string[] = [];
  readonly #waits: string[] = [];
  readonly #refused: string[] = [];

  constructor(connection: ChannelModel, options: ApplyOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  get outcome(): Pick<Applied, 'did' | 'waits' | 'refused'> {
    return { did: this.#did, waits: this.#waits, refused: this.#refused };
  }

  async run({ differences }: TopologyPlan): Promise<void> {
    await this.#addMissing(differences);
    for (const { kind, ...difference } of differences)
      if (kind === 'exchange-differs')
        this.#refused.push(
          `${difference.says}: stop the fleet, delete the exchange, and run the release step; publishers keep what they cannot send`,
        );
    for (const difference of differences) {
      if (difference.kind === 'queue-differs' || difference.kind === 'queue-migrating')
        await this.#migrate(difference.queue, difference.kind === 'queue-differs');
    }
    await this.#unbind(differences);
    for (const difference of differences)
      if (difference.kind === 'queue-superfluous') await this.#removeAbandoned(difference.queue);
  }

  /** All but what differs or is being migrated, which has to be as it is declared first. */
  async #addMissing(differences: readonly Difference[]): Promise<void> {
    const { declared } = this.#options;
    if (!differences.some(({ kind }) => kind.endsWith('-missing'))) return;
    const aside = new Set(
      differences.flatMap((one) =>
        one.kind === 'queue-differs' || one.kind === 'queue-migrating'
          ? [one.queue]
          : one.kind === 'exchange-differs'
            ? [one.exchange]
            : [],
      ),
    );
    this.#step('adds what is missing');
    await declareOn(this.#connection, {
      exchanges: declared.exchanges.filter(({ name }) => !aside.has(name)),
      queues: declared.queues.filter(({ name }) => !aside.has(name)),
      bindings: declared.bindings.filter(({ queue, exchange }) => !aside.has(queue) && !aside.has(exchange)),
      exchangeBindings: declared.exchangeBindings.filter(
        ({ exchange, source }) => !aside.has(exchange) && !aside.has(source),
      ),
    });
  }

  async #migrate(name: string, differs: boolean): Promise<void> {
    const { declared, view, hold, untilMs } = this.#options;
    const { management, url } = view;
    const queue = declared.queues.find((one) => one.name === name);
    if (queue === undefined || this.#isLate(name)) return;
    if (management === undefined) {
      this.#refused.push(
        `${name} cannot be migrated: AMQP does not tell what is in hand in a queue, or on its way out of it. Set RABBITMQ_MANAGEMENT_URL for web`,
      );
      return;
    }
    try {
      const waits = await migrateQueue({
        connection: this.#connection,
        queue,
        declared: declared.bindings.filter((binding) => binding.queue === name),
        live: (await liveTopology(management, url)).bindings,
        differs,
        view: { management, url },
        hold,
        step: (says) => this.#step(says),
        late: () => Date.now() >= untilMs,
      });
      if (waits !== undefined) this.#waits.push(waits);
    } catch (error) {
      if (!(error instanceof MigrationRefused || error instanceof MoveReturned)) throw error;
      this.#refused.push(error.message);
    }
  }

  async #removeAbandoned(queue: string): Promise<void> {
    const { management, url } = this.#options.view;
    if (management === undefined || this.#isLate(queue)) return;
    this.#step(`deletes ${queue}, unless something is in it`);
    const kept = await removeAbandoned(this.#connection, queue, { management, url });
    if (kept !== undefined) this.#refused.push(kept);
  }

  /** True when its turn is left to the next call. */
  #isLate(queue: string): boolean {
    const late = Date.now() >= this.#options.untilMs;
    if (late) this.#waits.push(`the turn of ${queue}`);
    return late;
  }

  #step(says: string): void {
    this.#options.onStep?.(says);
    this.#did.push(says);
  }

  async #unbind(differences: readonly Difference[]): Promise<void> {
    for (const difference of differences) {
      if (difference.kind === 'binding-superfluous') {
        const { queue, exchange, routingKey } = difference.binding;
        this.#step(`takes away ${queue} ← ${exchange} ${routingKey}`);
        await onChannel(this.#connection, (channel) => channel.unbindQueue(queue, exchange, routingKey));
      } else if (difference.kind === 'exchange-binding-superfluous') {
        const { exchange, source } = difference.exchangeBinding;
        this.#step(`takes away ${exchange} ← ${source}`);
        await onChannel(this.#connection, (channel) => channel.unbindExchange(exchange, source, '#'));
      }
    }
  }
}
