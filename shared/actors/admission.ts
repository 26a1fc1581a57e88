/**
 * From the mailbox to what is decided or performed: deliveries are decoded and validated, and effects are looked up in Redis.
 * What was delivered before is set apart, and comes to `begin` by a way of its own (`redeliveries.ts`).
 */
import { isId } from '../messaging/message-id.js';
import { failpoint } from '../observability/failpoint.js';
import type { Delivery } from '../rabbitmq/delivery.js';
import type { Ready } from './batch-transaction.js';
import type { Batches } from './batches.js';
import type { ActorDefinition } from './definition.js';
import type { Departures } from './departures.js';
import { admitEffects } from './effect-admission.js';
import type { EffectStage } from './effect-stage.js';
import type { InFlight } from './in-flight.js';
import { Mailbox } from './mailbox.js';
import type { ProcessParts } from './process-parts.js';
import type { Redeliveries } from './redeliveries.js';
import type { Settlement } from './settlement.js';
import { readWork, type Work } from './work.js';

/** Deliveries admitted together at most. */
const AT_ONCE = 256;
/** Before a message that another process has claimed is looked at again. */
const CLAIMED_RETRY_MS = 500;

export interface AdmissionOptions {
  readonly actor: ActorDefinition;
  readonly parts: Pick<ProcessParts, 'cache' | 'isolation'>;
  readonly inFlight: InFlight;
  readonly ready: Batches<Ready>;
  readonly effects: EffectStage;
  readonly redeliveries: Redeliveries;
  readonly departures: Departures;
  readonly settlement: Settlement;
  /** True while nothing may begin: what comes goes back to its place in the queue. */
  readonly held: () => boolean;
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #deliveries = new Mailbox<Delivery>(({ content }) => content.length);

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  take(delivery: Delivery): void {
    if (this.#options.held()) delivery.requeue();
    else this.#deliveries.put(delivery);
  }

  /** Gives back what has not begun. */
  requeue(): void {
    const { effects, settlement } = this.#options;
    for (const delivery of this.#deliveries.takeNow(this.#deliveries.size)) delivery.requeue();
    settlement.requeue(effects.takeWaiting());
  }

  /** Lets `run` end. */
  close(): void {
    this.#deliveries.close();
  }

  async run(): Promise<void> {
    const { inFlight, held, parts } = this.#options;
    const next = async (): Promise<Delivery[]> => this.#deliveries.take(AT_ONCE, await inFlight.room());
    for (let batch = await next(); batch.length > 0; batch = await next()) {
      const first = batch.filter((delivery) => !this.#setApart(delivery));
      await parts.isolation.together(async () => {
        if (held()) for (const delivery of first) delivery.requeue();
        else await this.begin(first);
      });
    }
  }

  async begin(deliveries: readonly Delivery[]): Promise<void> {
    const { inFlight, ready, redeliveries } = this.#options;
    failpoint('delivery-received');
    const works: Work[] = [];
    for (const delivery of deliveries) {
      const work = delivery.live ? this.#read(delivery) : undefined;
      if (work !== undefined && inFlight.admit(work.message.id, delivery)) works.push(work);
      // A first delivery says nothing of a redelivered one of the same message, which may be under way.
      else if (delivery.redelivered && delivery.messageId !== undefined) redeliveries.ended(delivery.messageId);
    }
    for (const work of works) if (work.handler.kind === 'decision') ready.put({ work });
    await this.#prepareEffects(works.filter(({ handler }) => handler.kind === 'effect'));
  }

  /** True when it was delivered before. Without a message id it only comes to be refused. */
  #setApart(delivery: Delivery): boolean {
    const { redelivered, messageId } = delivery;
    if (!redelivered || messageId === undefined || !isId(messageId)) return false;
    this.#options.redeliveries.put(messageId, delivery);
    return true;
  }

  #read(delivery: Delivery): Work | undefined {
    const { actor, departures } = this.#options;
    try {
      return readWork(actor, delivery);
    } catch (error) {
      void departures.fail(delivery, error);
      return undefined;
    }
  }

  async #prepareEffects(works: readonly Work[]): Promise<void> {
    if (works.length === 0) return;
    const { actor, parts, ready, effects } = this.#options;
    const { handled, held, free } = await admitEffects(parts.cache, actor.name, works);
    // The mark only spares the effect: the inbox tells whether it was handled, and the event log whether it is the same.
    for (const work of handled) ready.put({ work });
    effects.add(free);
    if (held.length === 0) return;
    setTimeout(() => {
      for (const work of held) this.#again(work);
    }, CLAIMED_RETRY_MS).unref();
  }

  #again(work: Work): void {
    this.#options.settlement.forget(work);
    this.take(work.delivery);
  }
}
