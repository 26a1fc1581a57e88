/** The rehearsal that a process has in hand, if it has one: a slice at a time, and what is found is noted every second. */
import { fitting } from '../../messaging/type-pattern.js';
import type { Logger } from '../../observability/log.js';
import { reasonOf } from '../../observability/reason.js';
import { noteRehearsal, noteTrouble, type Replay } from '../../postgres/replays.js';
import type { ActorDefinition } from '../definition.js';
import type { RehearsingActor } from './decisions.js';
import { DryRun } from './dry-run.js';

/** A slice takes so long. */
const SLICE_MS = 200;
const NOTE_EVERY_MS = 1000;

export interface RehearsingOptions extends RehearsingActor {
  /** Names this process. */
  readonly holder: string;
  /** How long it may be silent before another process goes on, in milliseconds. */
  readonly leaseMs: number;
  readonly log: Logger;
}

export class Rehearsing {
  readonly #options: RehearsingOptions;
  #dryRun: DryRun | undefined;
  #notedAt = 0;

  constructor(options: RehearsingOptions) {
    this.#options = options;
  }

  get underWay(): boolean {
    return this.#dryRun !== undefined;
  }

  /** Begins with a replay that this process has leased. */
  begin(replay: Replay): void {
    this.#dryRun = new DryRun(replay, typesMeant(replay, this.#options.actor), this.#options);
  }

  /** Goes on with what is under way. Where that fails it is given up; whoever leases it next begins anew. */
  async goOn(): Promise<void> {
    const dryRun = this.#dryRun;
    if (dryRun === undefined) return;
    this.#dryRun = undefined;
    const { database, holder, leaseMs, log } = this.#options;
    const { id, actor } = dryRun.replay;
    try {
      await dryRun.goOn(SLICE_MS);
    } catch (error) {
      await noteTrouble(database, { id, holder }, `the rehearsal begins anew after this: ${reasonOf(error)}`);
      throw error;
    }
    const { done, total, toSend } = dryRun.found;
    if (done || performance.now() - this.#notedAt > NOTE_EVERY_MS) {
      const held = await noteRehearsal(database, { id, holder, leaseMs }, dryRun.found);
      if (!held) return;
      this.#notedAt = performance.now();
    }
    if (done) log.info({ replay: id, actor, total, toSend }, 'rehearsed');
    else this.#dryRun = dryRun;
  }
}

/** Of what the actor takes, what the replay means. */
const typesMeant = ({ types }: Replay, { handlers }: ActorDefinition): string[] =>
  [...handlers.keys()].filter(fitting(types));
