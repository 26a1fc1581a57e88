/**
 * The rehearsal of one replay, a page at a time: what would be sent and what not, and what the actor's decisions would come to.
 * It lives in one process; another that goes on with the replay begins its own.
 */
import { counted, NOTHING_REHEARSED, type Rehearsal, type RehearsedDecision } from '../../postgres/replay-rehearsal.js';
import { type Replayable, readReplayPage } from '../../postgres/replay-source.js';
import type { Replay } from '../../postgres/replays.js';
import { RehearsedDecisions, type RehearsingActor } from './decisions.js';
import { type Fate, fateOf, isSent } from './fate.js';

/** Decisions shown one by one, and the text of all of them as JSON. */
const SHOWN_AT_MOST = 100;
const SHOWN_CHARACTERS = 1024 * 1024;
/** Decisions of one transaction: its locks are held for a few milliseconds. */
const BATCH = 32;

export class DryRun {
  readonly replay: Replay;
  readonly #of: RehearsingActor;
  readonly #types: readonly string[];
  readonly #decisions: RehearsedDecisions;
  #found: Rehearsal;
  #position: string | null = null;
  #shownCharacters = 0;
  /** Read, and not looked at yet. */
  #waiting: readonly Replayable[] = [];

  /** @param types that the actor takes and that are meant */
  constructor(replay: Replay, types: readonly string[], of: RehearsingActor) {
    this.replay = replay;
    this.#types = types;
    this.#of = of;
    this.#found = { ...NOTHING_REHEARSED, release: of.release };
    this.#decisions = new RehearsedDecisions(of);
  }

  get found(): Rehearsal {
    return this.#found;
  }

  /** Goes on for about so long, a transaction more at most. */
  async goOn(forMs: number): Promise<void> {
    const until = performance.now() + forMs;
    while (!this.#found.done && performance.now() < until) {
      if (this.#waiting.length > 0) await this.#lookAtBatch();
      else await this.#read();
    }
  }

  async #read(): Promise<void> {
    const at = { after: this.#position, types: this.#types };
    const { messages, end } = await readReplayPage(this.#of.database, this.replay, at);
    if (end === undefined) this.#found = { ...this.#found, done: true };
    else this.#position = end;
    this.#waiting = messages;
  }

  async #lookAtBatch(): Promise<void> {
    const { actor } = this.#of;
    const batch = this.#waiting
      .slice(0, BATCH)
      .map((message) => ({ message, fate: fateOf(message, actor, this.replay.effects) }));
    const decisions = batch.flatMap(({ message, fate }) => (fate === 'decision' ? [message] : []));
    const rehearsed = decisions.length === 0 ? [] : await this.#decisions.rehearse(decisions);
    for (const { message, fate } of batch) this.#count(message, fate);
    for (const decision of rehearsed) this.#take(decision);
    this.#found = { ...this.#found, approximate: this.#decisions.approximate };
    this.#waiting = this.#waiting.slice(BATCH);
  }

  #count({ type, forgotten }: Replayable, fate: Fate): void {
    const found = this.#found;
    const one = (fits: boolean): number => (fits ? 1 : 0);
    this.#found = {
      ...found,
      total: found.total + 1,
      types: counted(found.types, type),
      toSend: found.toSend + one(isSent(fate)),
      handled: found.handled + one(fate === 'handled'),
      deadLetters: found.deadLetters + one(fate === 'dead'),
      invalid: found.invalid + one(fate === 'invalid'),
      effectsOff: found.effectsOff + one(fate === 'effects-off'),
      effects: found.effects + one(fate === 'effect'),
      forgotten: found.forgotten + one(isSent(fate) && forgotten),
    };
  }

  #take(decision: RehearsedDecision): void {
    const { fails, changes, publishes } = decision;
    const found = this.#found;
    this.#found = {
      ...found,
      decisions: found.decisions + 1,
      changing: found.changing + (changes.length > 0 ? 1 : 0),
      stateChanges: found.stateChanges + changes.length,
      publishes: publishes.reduce((counts, { type }) => counted(counts, type), found.publishes),
      fails: fails === null ? found.fails : counted(found.fails, fails.code),
      shown: this.#hasRoomFor(decision) ? [...found.shown, decision] : found.shown,
    };
  }

  #hasRoomFor(decision: RehearsedDecision): boolean {
    // The first ones, without a gap between them.
    if (this.#found.shown.length < this.#found.decisions || this.#found.shown.length >= SHOWN_AT_MOST) return false;
    this.#shownCharacters += JSON.stringify(decision).length;
    return this.#shownCharacters <= SHOWN_CHARACTERS;
  }
}
