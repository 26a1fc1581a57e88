/** Actors that take notes, and fail at those that are broken. */
import 'reflect-metadata';
import { Actor, Decide, Effect } from '../../shared/actors/decorators.js';
import { PermanentError } from '../../shared/actors/errors.js';
import { bigint, keyedState, ledger, type State, type Value } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing, Outgoing } from '../../shared/actors/outgoing.js';
import { command, type Payload } from '../../shared/messaging/contract.js';
import Type from '../../shared/messaging/typebox.js';

export const Note = command('desk.note', 1, Type.Object({ n: Type.Integer() }));
type Note = Payload<typeof Note>;
const NoteLater = command('desk.note', 2, Type.Object({ n: Type.Integer() }), { 1: (older) => older });
const Folders = keyedState('folders', { key: { column: 'id', type: 'uuid' }, columns: { notes: bigint() } });
type Folder = Value<typeof Folders>;
const Notes = ledger('notes', { n: bigint() });

/** Numbers that cannot be noted, until somebody mends it. */
export const broken = new Set<number>();
const noted = ({ n }: Note, folder: State<Folder>, { append }: Outgoing): void => {
  if (broken.has(n)) throw new PermanentError('desk.broken', `nobody can note ${n}`);
  folder.set({ notes: (folder.value?.notes ?? 0) + 1 });
  append(Notes, { n });
};

@Actor({ name: 'clerk', state: Folders })
export class ClerkActor {
  @Decide(Note)
  note(note: Note, folder: State<Folder>, outgoing: Outgoing): void {
    noted(note, folder, outgoing);
  }
}

/** Of the next release. */
@Actor({ name: 'clerk', state: Folders })
export class NewerClerkActor {
  @Decide(NoteLater)
  note(note: Note, folder: State<Folder>, outgoing: Outgoing): void {
    noted(note, folder, outgoing);
  }
}

@Actor({ name: 'porter', state: Folders })
export class PorterActor {
  readonly calls: number[] = [];

  @Effect(Note)
  async carry(note: Note, folder: State<Folder>, outgoing: EffectOutgoing): Promise<void> {
    this.calls.push(note.n);
    noted(note, folder, outgoing);
  }
}
