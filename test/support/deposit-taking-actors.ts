/** Actors that take deposits. */
import 'reflect-metadata';
import { Actor, Decide, Effect } from '../../shared/actors/decorators.js';
import { PermanentError } from '../../shared/actors/errors.js';
import { bigint, keyedState, type State, type Value } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing, Outgoing } from '../../shared/actors/outgoing.js';
import { command, event, type Payload } from '../../shared/messaging/contract.js';
import Type from '../../shared/messaging/typebox.js';

export const Deposit = command('till.deposit', 1, Type.Object({ pence: Type.Integer() }));
export const Thank = command('till.thank', 1, Type.Object({ pence: Type.Integer() }));
const Deposited = event('till.deposited', 1, Type.Object({ total: Type.Integer() }));
const Accounts = keyedState('accounts', { key: { column: 'id', type: 'uuid' }, columns: { total: bigint() } });
type Account = Value<typeof Accounts>;

@Actor({ name: 'till', state: Accounts })
export class TillActor {
  readonly thanked: number[] = [];
  /** Nobody takes so much. */
  broken: number | undefined;

  @Decide(Deposit)
  deposit({ pence }: Payload<typeof Deposit>, account: State<Account>, { publish }: Outgoing): void {
    if (pence === this.broken) throw new PermanentError('till.broken', `nobody takes ${pence}`);
    const total = (account.value?.total ?? 0) + pence;
    account.set({ total });
    publish(Deposited, { total });
  }

  @Effect(Thank)
  async thank({ pence }: Payload<typeof Thank>, _account: State<Account>, _outgoing: EffectOutgoing): Promise<void> {
    this.thanked.push(pence);
  }
}

/** Takes the same, and is none of the replay's business. */
@Actor({ name: 'auditor', state: Accounts })
export class AuditorActor {
  readonly heard: number[] = [];

  @Decide(Deposit)
  hear({ pence }: Payload<typeof Deposit>): void {
    this.heard.push(pence);
  }
}
