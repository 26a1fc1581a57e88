/**
 * Handles what was delivered before: one of them may have killed the process that had it, and taken the others along. They
 * are handled a few at a time with a mark on each, and what a process died with is then handled alone, so that only a
 * message that kills goes to the dead letters. First deliveries never come here, and pay nothing for it.
 */
import { aboutMessage } from '../observability/about-message.js';
import { failpoint } from '../observability/failpoint.js';
import type { Logger } from '../observability/log.js';
import { redeliveriesHandled } from '../observability/metrics.js';
import type { CrashMark, CrashMarks } from '../postgres/crash-marks.js';
import { databaseFailure } from '../postgres/failure.js';
import type { Delivery } from '../rabbitmq/delivery.js';
import { PermanentError } from './errors.js';
import type { Isolation } from './isolation.js';
import { Mailbox } from './mailbox.js';
import { type Consequence, consequenceOf } from './suspicion.js';

/** So many are suspects when a process dies with them, and so many wait for each other. */
const TOGETHER = 16;
/** Before a message that another process is handling is looked at again. */
const LOOK_AGAIN_MS = 1000;

export interface RedeliveriesOptions {
  readonly actor: string;
  readonly marks: CrashMarks;
  readonly isolation: Isolation;
  readonly log: Logger;
  /** Begins handling; what ends is told by `ended`. */
  readonly begin: (deliveries: readonly Delivery[]) => Promise<void>;
  /** True for an effect whose provider is left alone: it would hold up all that come behind it. */
  readonly mustWait: (delivery: Delivery) => boolean;
  /** To the end of its queue, from where it comes as if for the first time. */
  readonly giveBack: (delivery: Delivery) => Promise<void>;
  /** Resolves when the delivery is acked, or no longer ours. */
  readonly deadLetter: (delivery: Delivery, error: PermanentError) => Promise<void>;
  /** Waits before the next try while the database is away, and throws when the process has to stop. */
  readonly pause: (failures: number, error: unknown) => Promise<void>;
  /** Aborts when nothing more is to begin. */
  readonly stopping: AbortSignal;
}

interface Redelivered {
  readonly id: string;
  readonly delivery: Delivery;
}

interface Suspect extends Redelivered {
  readonly mark: CrashMark;
  readonly consequence: Extract<Consequence, { readonly crashes: number }>;
}

export class Redeliveries {
  readonly #options: RedeliveriesOptions;
  readonly #waiting = new Mailbox<Redelivered>();
  /** What a process died with; those with the fewest proofs against them first. */
  #suspects: Suspect[] = [];
  /** By message id: lets go of whoever waits for its end. */
  readonly #handling = new Map<string, () => void>();

  constructor(options: RedeliveriesOptions) {
    this.#options = options;
  }

  put(id: string, delivery: Delivery): void {
    this.#waiting.put({ id, delivery });
  }

  /** No handler is called any more for this message, whatever became of it. */
  ended(id: string): void {
    this.#handling.get(id)?.();
  }

  /** Handles one group or one suspect after the other, until it is closed. */
  async run(): Promise<void> {
    const { stopping, isolation } = this.#options;
    try {
      while (!stopping.aborted) {
        const group = this.#suspects.length > 0 ? this.#waiting.takeNow(TOGETHER) : await this.#waiting.take(TOGETHER);
        const suspect = group.length === 0 ? this.#suspects.shift() : undefined;
        if (suspect !== undefined) await this.#settleSuspect(suspect);
        else await isolation.together(() => this.#handleGroup(group));
      }
    } catch (error) {
      if (!stopping.aborted) throw error;
    }
  }

  /** Begins nothing more. */
  close(): void {
    this.#waiting.close();
  }

  /** The process cannot wait any longer for what is under way: its marks are cleared, since nobody has died. */
  abandon(): void {
    for (const end of this.#handling.values()) end();
  }

  async #handleGroup(group: readonly Redelivered[]): Promise<void> {
    const { marks, actor } = this.#options;
    const each = new Map<string, Redelivered>();
    for (const one of group) {
      if (!one.delivery.live || this.#givenBack(one)) continue;
      if (each.has(one.id)) this.#waiting.put(one);
      else each.set(one.id, one);
    }
    if (each.size === 0) return;
    const left = await this.#tried(() => marks.set([...each.keys()]));
    failpoint('redelivery-marked');
    const together = [...each.values()].filter((one) => !this.#setAside(one, left.get(one.id)));
    redeliveriesHandled.inc({ actor, how: 'together' }, together.length);
    await this.#handle(together);
  }

  #givenBack({ delivery }: Redelivered): boolean {
    const { mustWait, giveBack } = this.#options;
    if (!mustWait(delivery)) return false;
    void giveBack(delivery);
    return true;
  }

  /** True when the message must not be handled with others now. */
  #setAside(one: Redelivered, mark: CrashMark | undefined): boolean {
    const consequence = consequenceOf(mark);
    if ('crashes' in consequence && mark !== undefined) {
      this.#suspects.push({ ...one, mark, consequence });
      this.#suspects.sort((left, right) => left.consequence.crashes - right.consequence.crashes);
    }
    if (consequence.kind === 'wait') this.#later(one);
    return consequence.kind !== 'together';
  }

  async #settleSuspect(suspect: Suspect): Promise<void> {
    const { isolation, stopping } = this.#options;
    if (suspect.consequence.kind === 'dead-letter') await this.#deadLetter(suspect);
    else if (!this.#givenBack(suspect)) await isolation.alone(() => this.#handleAlone(suspect), stopping);
  }

  async #handleAlone(suspect: Suspect): Promise<void> {
    const { actor, log } = this.#options;
    if (!(await this.#takeOver(suspect))) return;
    const { delivery, consequence } = suspect;
    log.warn(
      { ...aboutMessage(delivery), type: delivery.type, crashes: consequence.crashes },
      'a process died while it handled this message; it is handled alone',
    );
    redeliveriesHandled.inc({ actor, how: 'alone' });
    await this.#handle([suspect]);
  }

  async #deadLetter({ id, delivery, mark, consequence }: Suspect): Promise<void> {
    const { actor, deadLetter, marks, stopping } = this.#options;
    if (!delivery.live) return;
    redeliveriesHandled.inc({ actor, how: 'never' });
    await deadLetter(
      delivery,
      new PermanentError(
        'message.kills-process',
        `${consequence.crashes} processes died, each while it handled nothing but this message; mend the handler or the message, then redrive it`,
      ),
    );
    // Unless it is acked it comes back, and must find the proofs.
    if (delivery.live && !stopping.aborted) await this.#tried(() => marks.forget(id, mark.holder));
  }

  /** False when the delivery is no longer ours, or the mark somebody else's. */
  async #takeOver({ id, delivery, mark, consequence }: Suspect): Promise<boolean> {
    if (!delivery.live) return false;
    const taken = await this.#tried(() => this.#options.marks.takeOver(id, mark.holder, consequence.crashes));
    if (!taken) this.#later({ id, delivery });
    return taken;
  }

  /** Handles what is marked, and clears the marks when all of it has ended. */
  async #handle(marked: readonly Redelivered[]): Promise<void> {
    if (marked.length === 0) return;
    const ended = marked.map(({ id }) => this.#end(id));
    await this.#options.begin(marked.map(({ delivery }) => delivery));
    await Promise.all(ended);
    await this.#tried(() => this.#options.marks.clear(marked.map(({ id }) => id)));
  }

  async #end(id: string): Promise<void> {
    await new Promise<void>((resolve) => this.#handling.set(id, resolve));
    this.#handling.delete(id);
  }

  #later(one: Redelivered): void {
    setTimeout(() => this.#waiting.put(one), LOOK_AGAIN_MS).unref();
  }

  async #tried<T>(ask: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await ask();
      } catch (error) {
        const failure = databaseFailure(error);
        if (failure !== 'unavailable' && failure !== 'conflict') throw error;
        await this.#options.pause(failures, error);
      }
    }
  }
}
