/** What becomes of a work when its batch has committed, or when it failed: mark, ack, another try, or a departure. */
import { aboutMessage } from '../observability/about-message.js';
import { alertFiled } from '../observability/alert-filed.js';
import { failpoint, failpointAfterWrite } from '../observability/failpoint.js';
import type { Logger } from '../observability/log.js';
import { messagesSettled } from '../observability/metrics.js';
import { spanError } from '../observability/span-error.js';
import { tracing } from '../observability/tracing.js';
import { FEW_GATHER_MS } from '../rabbitmq/ack-window.js';
import type { Delivery } from '../rabbitmq/delivery.js';
import type { Committed, Settled } from './batch-transaction.js';
import type { Departures } from './departures.js';
import type { EffectStage } from './effect-stage.js';
import type { InFlight } from './in-flight.js';
import type { ProcessParts } from './process-parts.js';
import type { ProviderPause } from './provider-pause.js';
import type { Redeliveries } from './redeliveries.js';
import { endSpan, recordMade } from './settled-spans.js';
import type { Work } from './work.js';

export interface SettlementOptions {
  readonly actor: string;
  readonly parts: Pick<ProcessParts, 'cache' | 'dispatcher'>;
  readonly log: Logger;
  readonly inFlight: InFlight;
  readonly effects: EffectStage;
  readonly redeliveries: Redeliveries;
  readonly departures: Departures;
  readonly pause: ProviderPause;
  /** A delivery of a message that is settled now: it has its turn. */
  readonly onTwin: (delivery: Delivery) => void;
  /** Aborts when the process cannot wait any longer: what fails then goes back with the channel. */
  readonly hurry: AbortSignal;
}

export class Settlement {
  readonly #options: SettlementOptions;
  readonly #count;
  #handled = 0;

  constructor(options: SettlementOptions) {
    const { actor } = options;
    this.#options = options;
    this.#count = {
      done: messagesSettled.labels({ actor, outcome: 'done' }),
      duplicate: messagesSettled.labels({ actor, outcome: 'duplicate' }),
      dead: messagesSettled.labels({ actor, outcome: 'dead-lettered' }),
      held: messagesSettled.labels({ actor, outcome: 'held' }),
    };
  }

  /** Messages that are no longer the queue's: handled, or among the dead letters in PostgreSQL. */
  get handled(): number {
    return this.#handled;
  }

  /** Of a batch that is committed: marks, acks, and sends what it led to. */
  finish({ settled, messages }: Committed): void {
    const { actor, parts } = this.#options;
    failpoint('commit-committed');
    const handled = settled
      .filter(({ kind, work }) => (kind === 'done' || kind === 'duplicate') && work.handler.kind === 'effect')
      .map(({ work }) => work.message.id);
    // Only now: a mark before the commit would make Redis lie after a rollback.
    if (handled.length > 0) {
      void parts.cache.mark(actor, handled);
      failpointAfterWrite('settle-marked');
    }
    for (const one of settled) this.#finishOne(one);
    failpointAfterWrite('settle-acked', FEW_GATHER_MS);
    if (tracing !== undefined) recordMade(messages, settled);
    parts.dispatcher.dispatch(messages);
  }

  /** Of a work that failed: it waits for its provider, or departs. */
  fail(work: Work, error: unknown): void {
    const { pause, redeliveries, departures, hurry, log } = this.#options;
    if (hurry.aborted) return;
    if (work.handler.kind === 'effect' && pause.excuses(error)) {
      log.debug({ ...about(work), err: error }, 'waits for its provider');
      this.#performAgain(work);
      return;
    }
    this.#unclaim([work]);
    redeliveries.ended(work.message.id);
    work.span?.end('failed', spanError(error));
    void departures.fail(work.delivery, error).then(() => this.forget(work));
  }

  /** Back to the queue with effects that are not begun. */
  giveBack(works: readonly Work[]): void {
    this.#unclaim(works);
    for (const work of works) {
      work.span?.end('given-back');
      void this.#options.departures.giveBack(work.delivery).then(() => this.forget(work));
    }
  }

  /** To their place in the queue with effects that are not begun: it counts as a delivery there, where `giveBack` costs the place. */
  requeue(works: readonly Work[]): void {
    this.#unclaim(works);
    for (const work of works) {
      work.span?.end('given-back');
      work.delivery.requeue();
      this.forget(work);
    }
  }

  /** Its delivery is no longer ours: whoever has it now need not wait for us. */
  gone(work: Work): void {
    this.#unclaim([work]);
    this.forget(work);
  }

  /** The work is out of hand: its keys are free, and deliveries of the same message have their turn. */
  forget(work: Work): void {
    const { redeliveries, effects, inFlight, onTwin } = this.#options;
    work.span?.end('put-off');
    redeliveries.ended(work.message.id);
    if (work.handler.kind === 'effect') effects.release(work);
    for (const twin of inFlight.settle(work.message.id)) onTwin(twin);
  }

  #finishOne(settled: Settled): void {
    const { work, kind } = settled;
    if (kind === 'failed') {
      this.fail(work, settled.error);
    } else if (kind === 'moved') {
      this.#performAgain(work);
    } else {
      if (kind === 'dead') alertFiled(this.#options.log, settled.letter);
      if (kind === 'dead' || kind === 'held') this.#unclaim([work]);
      if (work.span !== undefined) endSpan(settled);
      this.#settle(work, kind);
    }
  }

  /** It is no longer the queue's: handled, or among the dead letters in PostgreSQL. */
  #settle(work: Work, kind: 'done' | 'duplicate' | 'dead' | 'held'): void {
    const { effects, log } = this.#options;
    if (kind === 'dead') effects.filed();
    work.delivery.ack();
    this.#count[kind].inc();
    this.#handled += 1;
    if (kind === 'held') log.warn(about(work), 'waits behind a dead letter of its order');
    else if (kind !== 'dead' && log.isLevelEnabled('debug'))
      log.debug({ ...about(work), attempt: work.message.attempt }, kind === 'done' ? 'handled' : 'handled before');
    this.forget(work);
  }

  /** As soon as it may be; its keys are free again before it waits for them. */
  #performAgain(work: Work): void {
    const { effects } = this.#options;
    effects.release(work);
    if (work.delivery.live) effects.add([work]);
    else this.gone(work);
  }

  /** So that the next attempt need not wait for the claims to lapse. Decisions claim nothing. */
  #unclaim(works: readonly Work[]): void {
    const { actor, parts } = this.#options;
    const ids = works.filter(({ handler }) => handler.kind === 'effect').map(({ message }) => message.id);
    if (ids.length > 0) void parts.cache.unclaim(actor, ids);
  }
}

const about = ({ message: { type }, delivery }: Work) => ({ ...aboutMessage(delivery), type });
