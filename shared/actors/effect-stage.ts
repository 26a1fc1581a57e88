/**
 * Performs effects before their transaction: on a snapshot of their states, so many at once as may be, never two
 * for one key. A key stays taken until the work is released, which is when its batch has committed or failed.
 */
import { failpoint } from '../observability/failpoint.js';
import { effectSeconds } from '../observability/metrics.js';
import type { Prepared } from './batch-transaction.js';
import { Deadline } from './deadline.js';
import { Draft } from './draft.js';
import { type EffectSnapshot, EffectSnapshots, type EffectSnapshotsOptions } from './effect-snapshots.js';
import { TransientError } from './errors.js';
import { handlerOf } from './handler.js';
import { FRESH_MS } from './read-fresh.js';
import type { Work } from './work.js';

/** Snapshots loaded by one statement at most. A snapshot that gets old meanwhile is found out by its version. */
const LOOK_AHEAD = 128;

export interface EffectStageOptions extends EffectSnapshotsOptions {
  readonly instance: Readonly<Record<string, unknown>>;
  /** How many effects may be under way now; asked anew by `add`, `release` and `proceed`. */
  readonly most: () => number;
  readonly onPrepared: (work: Work, prepared: Prepared) => void;
  /** The delivery is no longer ours: somebody else has it, or will. */
  readonly onGone: (work: Work) => void;
}

export class EffectStage {
  readonly #options: EffectStageOptions;
  readonly #snapshots: EffectSnapshots;
  #waiting: Work[] = [];
  /** Those whose snapshot is there, and which wait for their turn. */
  #loaded: EffectSnapshot[] = [];
  /** Who holds a state, by the id of its reference. */
  readonly #taken = new Map<string, Work>();
  readonly #deadlines = new Set<Deadline>();
  readonly #seconds;
  #running = 0;
  #loading = false;
  #closed = false;

  constructor(options: EffectStageOptions) {
    this.#options = options;
    this.#seconds = effectSeconds.labels({ actor: options.actor.name });
    this.#snapshots = new EffectSnapshots(options);
  }

  add(works: readonly Work[]): void {
    this.#waiting.push(...works);
    void this.#pump();
  }

  /** The work is settled: its keys are free for the next. */
  release(work: Work): void {
    this.#free(work);
    void this.#pump();
  }

  /** More may be under way than before. */
  proceed(): void {
    void this.#pump();
  }

  /** Hands over all that is not begun. */
  takeWaiting(): Work[] {
    for (const { work } of this.#loaded) this.#free(work);
    const works = [...this.#loaded.map(({ work }) => work), ...this.#waiting];
    this.#loaded = [];
    this.#waiting = [];
    return works;
  }

  /** A letter was filed: its order's effects wait from now on. */
  filed(): void {
    this.#snapshots.filed();
  }

  /** Effects under way. */
  get running(): number {
    return this.#running;
  }

  /** Nothing waits, and nothing is under way. */
  get empty(): boolean {
    return this.#running === 0 && !this.#loading && this.#loaded.length === 0 && this.#waiting.length === 0;
  }

  /** Begins nothing more; what is begun goes on. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#loaded = [];
  }

  /** The process cannot wait any longer for what is under way. */
  abort(reason: Error): void {
    for (const deadline of this.#deadlines) deadline.expire(reason);
  }

  async #pump(): Promise<void> {
    this.#beginLoaded();
    // One snapshot query at a time, for all that can begin soon: the next round takes what has come meanwhile.
    if (this.#loading) return;
    this.#loading = true;
    try {
      while (this.#loaded.length < this.#options.most()) {
        const works = this.#choose();
        if (works.length === 0) return;
        const loaded = await this.#snapshots.load(works);
        if (loaded === undefined) return;
        this.#loaded.push(...loaded);
        this.#beginLoaded();
      }
    } finally {
      this.#loading = false;
    }
  }

  #beginLoaded(): void {
    while (this.#running < this.#options.most() && !this.#closed) {
      const next = this.#loaded.shift();
      if (next === undefined) return;
      if (!next.work.delivery.live) {
        this.#options.onGone(next.work);
      } else if (performance.now() - next.loadedAt > FRESH_MS) {
        this.#free(next.work);
        this.#waiting.unshift(next.work);
      } else {
        this.#running += 1;
        void this.#perform(next);
      }
    }
  }

  /** Takes the first whose keys are free, as many as can begin soon, and their keys. */
  #choose(): Work[] {
    if (this.#closed) return [];
    const chosen: Work[] = [];
    const left: Work[] = [];
    for (const work of this.#waiting) {
      if (chosen.length < LOOK_AHEAD && this.#isFree(work)) {
        for (const { id } of work.refs) this.#taken.set(id, work);
        chosen.push(work);
      } else {
        left.push(work);
      }
    }
    this.#waiting = left;
    return chosen;
  }

  /** Gives up the keys that the work holds, and no other's. */
  #free(work: Work): void {
    for (const { id } of work.refs) if (this.#taken.get(id) === work) this.#taken.delete(id);
  }

  #isFree({ refs }: Work): boolean {
    for (const { id } of refs) if (this.#taken.has(id)) return false;
    return true;
  }

  async #perform({ work, states, open }: EffectSnapshot): Promise<void> {
    const { actor, instance, onPrepared, onFailed } = this.#options;
    const versions = work.refs.map(states.versionOf);
    const begun = performance.now();
    const draft = new Draft(work, actor, states.valueOf, new Date());
    const deadline = new Deadline(actor.effectTimeoutMs, () => timedOut(work, actor.effectTimeoutMs));
    this.#deadlines.add(deadline);
    let endSpan: ((error?: unknown) => void) | undefined;
    try {
      const outgoing = draft.effectOutgoing(deadline, open);
      endSpan = work.span?.effect(work.handler.step, outgoing.signal);
      failpoint('effect-begun');
      await deadline.before(handlerOf(instance, work)(work.message.payload, draft.states(), outgoing));
      failpoint('effect-performed');
      endSpan?.();
      onPrepared(work, { outcome: draft.outcome(), versions });
    } catch (error) {
      endSpan?.(error);
      onFailed(work, error);
    } finally {
      deadline.end();
      this.#seconds.observe((performance.now() - begun) / 1000);
      this.#deadlines.delete(deadline);
      this.#running -= 1;
      void this.#pump();
    }
  }
}

function timedOut(work: Work, timeoutMs: number): TransientError {
  return new TransientError(
    'effect.timeout',
    `${work.handler.method} of order ${work.message.correlationId} had no answer within ${timeoutMs} ms; what it did is unknown`,
  );
}
