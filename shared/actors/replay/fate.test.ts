import 'reflect-metadata';
import { expect } from 'chai';
import { command, type Payload } from '../../messaging/contract.js';
import Type from '../../messaging/typebox.js';
import { Actor, Decide, Effect } from '../decorators.js';
import { definitionOf } from '../definition.js';
import { bigint, keyedState } from '../keyed-state.js';
import { type Fate, fateOf, isSent } from './fate.js';

const Count = command('desk.count', 2, Type.Object({ n: Type.Integer() }), { 1: (older) => older });
const Ring = command('desk.ring', 1, Type.Object({}));
const Desks = keyedState('desks', { key: { column: 'id', type: 'uuid' }, columns: { n: bigint() } });

@Actor({ name: 'desk', state: Desks })
class DeskActor {
  @Decide(Count)
  count(_count: Payload<typeof Count>): void {}

  @Effect(Ring)
  async ring(_ring: Payload<typeof Ring>): Promise<void> {}
}

describe('what a replay does with a message', () => {
  const plain = { type: 'desk.count', version: 1, body: '{"n":1}', handled: false, dead: false };
  const fate = (message: object = {}, effects = false): Fate => {
    const definition = definitionOf(DeskActor);
    if (definition === undefined) throw new TypeError('not an actor');
    return fateOf({ ...plain, ...message }, definition, effects);
  };

  it('is to send what its actor decides on, also in an older version', () => {
    expect([fate(), fate({ version: 2 })]).to.deep.equal(['decision', 'decision']);
    expect(isSent(fate())).to.equal(true);
  });

  it('is to leave out what was handled, or has a dead letter', () => {
    expect([fate({ handled: true, dead: true }), fate({ dead: true })]).to.deep.equal(['handled', 'dead']);
  });

  it('is to leave out what does not fit, or comes from a newer release', () => {
    for (const odd of [{ body: '{"n":"one"}' }, { version: 3 }, { type: 'desk.unknown' }])
      expect(fate(odd), JSON.stringify(odd)).to.equal('invalid');
  });

  it('is to send what its actor acts on outside only where that was asked for', () => {
    const ring = { type: 'desk.ring', body: '{}' };
    expect([fate(ring), fate(ring, true)]).to.deep.equal(['effects-off', 'effect']);
    expect([fate(ring), fate(ring, true)].map(isSent)).to.deep.equal([false, true]);
  });
});
