/** A worker whose handlers end their own process when a message tells them to. Stands as deep as one in `workers/`. */
import { setTimeout as wait } from 'node:timers/promises';
import { Actor, Decide as Decides, Effect as Effects } from '../../shared/actors/decorators.js';
import { integer, keyedState, type State, type Value } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing, Outgoing } from '../../shared/actors/outgoing.js';
import { Decide, Perform } from './messages.js';

const Handled = keyedState('crash_handled', {
  key: { column: 'order_id', type: 'uuid' },
  columns: { times: integer() },
});
type Handled = Value<typeof Handled>;

const SLOWLY_MS = 300;

/** Counts how often each order was handled. */
@Actor({ name: 'crash', state: Handled })
export class CrashActor {
  @Decides(Decide)
  decide({ how }: Decide, handled: State<Handled>, _outgoing: Outgoing): void {
    obey(how);
    handled.set({ times: (handled.value?.times ?? 0) + 1 });
  }

  @Effects(Perform)
  async perform({ how }: Perform, handled: State<Handled>, { signal }: EffectOutgoing): Promise<void> {
    if (how === 'slowly') await wait(SLOWLY_MS, undefined, { signal });
    obey(how);
    handled.set({ times: (handled.value?.times ?? 0) + 1 });
  }
}

/** SIGKILL leaves no time for anything, as running out of memory does not. */
function obey(how: Decide['how']): void {
  if (how === 'killing') process.kill(process.pid, 'SIGKILL');
}
