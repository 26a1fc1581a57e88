import 'reflect-metadata';
import { expect } from 'chai';
import { event, type Payload } from '../messaging/contract.js';
import Type from '../messaging/typebox.js';
import { Actor, Decide, Effect } from './decorators.js';
import { definitionOf } from './definition.js';
import { bigint, keyedState, type State, type States, text } from './keyed-state.js';
import type { EffectOutgoing, Outgoing } from './outgoing.js';

const Counted = event('tally.counted', 1, Type.Object({ id: Type.String(), items: Type.Array(Type.String()) }));
type Counted = Payload<typeof Counted>;
const Weighed = event('tally.weighed', 1, Counted.schema);
const Addressed = event('tally.addressed', 1, Counted.schema);
const Tallies = keyedState('tallies', { key: { column: 'id', type: 'text' }, columns: { count: bigint() } });
const Names = keyedState('names', { key: { column: 'id', type: 'text' }, columns: { name: text() } });
type Tally = { readonly count: number };
type Name = { readonly name: string };

const declared = (actor: object) => {
  const definition = definitionOf(actor);
  if (definition === undefined) throw new TypeError('no actor');
  return definition;
};

@Actor({ name: 'tally', state: Tallies, prefetch: 7 })
class TallyActor {
  @Decide(Counted, { keys: (counted) => counted.items })
  count(_counted: Counted, _tallies: States<Tally>, _outgoing: Outgoing): void {}
}

@Actor({ name: 'both', state: { tally: Tallies, name: Names } })
class BothActor {
  @Effect(Counted, { keys: { tally: (counted) => counted.items } })
  async count(
    _counted: Counted,
    _states: { tally: States<Tally>; name: State<Name> },
    _out: EffectOutgoing,
  ): Promise<void> {}
}

@Actor({ name: 'clerk', state: Tallies })
class ClerkActor {
  @Decide(Counted, { storedOrder: true })
  count(_counted: Counted, _tally: State<Tally>, _outgoing: Outgoing): void {}

  @Effect(Weighed, { storedOrder: true })
  async weigh(_weighed: Counted, _tally: State<Tally>, _out: EffectOutgoing): Promise<void> {}

  @Effect(Addressed, { persons: true })
  async address(_addressed: Counted, _tally: State<Tally>, _out: EffectOutgoing): Promise<void> {}
}

describe('actor declarations', () => {
  it('say which handlers want their order to be stored: those that say so, and those that open persons', () => {
    const wanting = ({ handlers }: ReturnType<typeof declared>): string[] =>
      [...handlers.values()].filter(({ storedOrder }) => storedOrder).map(({ method }) => method);
    expect(wanting(declared(ClerkActor))).to.deep.equal(['count', 'weigh', 'address']);
    expect(wanting(declared(TallyActor))).to.deep.equal([]);
  });

  it('record the queue, the states and a handler for each message', () => {
    const tally = definitionOf(TallyActor);
    expect(tally?.name).to.equal('tally');
    expect(tally).to.include({ prefetch: 7, lingerMs: 30 });
    expect([...(tally?.handlers.keys() ?? [])]).to.deep.equal(['tally.counted']);
    const both = definitionOf(BothActor);
    expect(Object.keys(both?.states ?? {})).to.deep.equal(['tally', 'name']);
    expect(both?.handlers.get('tally.counted')?.step).to.equal('count');
  });

  it('refuse an unknown option, naming those there are', () => {
    expect(() =>
      // @ts-expect-error: no such option
      Actor({ name: 'typo', state: Tallies, prefetsch: 1 })(TallyActor),
    ).to.throw('unknown option "prefetsch"');
  });

  it('refuse two handlers for one message, an actor without any, and a prefetch of nothing', () => {
    expect(() => {
      @Actor({ name: 'twice', state: Tallies })
      class Twice {
        @Decide(Counted)
        one(_counted: Counted, _tally: State<Tally>, _outgoing: Outgoing): void {}
        @Decide(Counted)
        two(_counted: Counted, _tally: State<Tally>, _outgoing: Outgoing): void {}
      }
      return Twice;
    }).to.throw('handles tally.counted twice');
    expect(() => Actor({ name: 'idle', state: Tallies })(class {})).to.throw('handles nothing');
    expect(() => Actor({ name: 'none', state: Tallies, prefetch: 0 })(TallyActor)).to.throw('prefetch is 0');
    expect(() => Actor({ name: 'late', state: Tallies, lingerMs: 1001 })(TallyActor)).to.throw('from 0 to 1000');
    expect(() =>
      // @ts-expect-error: neither true nor false
      Actor({ name: 'maybe', state: Tallies, alwaysLingers: 'no' })(TallyActor),
    ).to.throw('alwaysLingers is no; it must be true or false');
  });

  it('do not compile with the wrong payload, a promise for a decision, or a state that is not the actor’s', () => {
    // Each line below that the compiler stops refusing fails the build.
    class Wrong {
      // @ts-expect-error: the message has no such field
      @Decide(Counted)
      payload(_message: { readonly missing: number }, _tally: State<Tally>, _outgoing: Outgoing): void {}

      // @ts-expect-error: a decision is synchronous
      @Decide(Counted)
      async promise(_counted: Counted, _tally: State<Tally>, _outgoing: Outgoing): Promise<void> {}

      // @ts-expect-error: several keys need States
      @Decide(Counted, { keys: (counted) => counted.items })
      plural(_counted: Counted, _tally: State<Tally>, _outgoing: Outgoing): void {}

      // @ts-expect-error: an effect returns a promise
      @Effect(Counted)
      now(_counted: Counted, _tally: State<Tally>, _outgoing: EffectOutgoing): void {}
    }
    expect(Wrong).to.be.a('function');

    expect(() => {
      // @ts-expect-error: Name is not a state of this actor
      @Actor({ name: 'other', state: Tallies })
      class Other {
        @Decide(Counted)
        count(_counted: Counted, _name: State<Name>, _outgoing: Outgoing): void {}
      }
      return Other;
    }).not.to.throw();
  });
});
