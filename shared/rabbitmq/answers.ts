/**
 * What became of a message that was published:
 * - `confirmed`: every queue it was routed to has it on disk.
 * - `returned`: no queue is bound; the topology is not declared.
 * - `unsendable`: it does not fit the protocol, such as headers larger than a frame. No repetition helps.
 * - `unknown`: no channel, refused, or no answer in time. It may have arrived: publish it again with the same id.
 */
export type PublishOutcome = 'confirmed' | 'returned' | 'unsendable' | 'unknown';

/** The broker's answers to messages that were published together. Each counts once; what has none in time is `unknown`. */
export class Answers {
  /** Resolves to what became of each, in their order. */
  readonly all: Promise<PublishOutcome[]>;
  readonly #outcomes: (PublishOutcome | undefined)[];
  readonly #onSettled: () => void;
  readonly #timer: NodeJS.Timeout;
  #resolve: (outcomes: PublishOutcome[]) => void = () => undefined;
  #open: number;

  /** @param onSettled called for each, as its answer comes */
  constructor(count: number, timeoutMs: number, onSettled: () => void) {
    this.#outcomes = new Array<undefined>(count).fill(undefined);
    this.#open = count;
    this.#onSettled = onSettled;
    this.#timer = setTimeout(() => {
      for (let index = 0; index < count; index++) this.settle(index, 'unknown');
    }, timeoutMs);
    this.all = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (count === 0) this.#end();
  }

  settle(index: number, outcome: PublishOutcome): void {
    if (this.#outcomes[index] !== undefined) return;
    this.#outcomes[index] = outcome;
    this.#open -= 1;
    this.#onSettled();
    if (this.#open === 0) this.#end();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#resolve(this.#outcomes.map((settled) => settled ?? 'unknown'));
  }
}
