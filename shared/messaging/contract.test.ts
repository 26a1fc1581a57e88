import { expect } from 'chai';
import { command, event } from './contract.js';
import { InvalidMessage } from './invalid-message.js';
import Type from './typebox.js';

const refusal = (attempt: () => unknown): InvalidMessage => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof InvalidMessage) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('a contract', () => {
  const Moved = event(
    'yard.crate-moved',
    3,
    Type.Object({ crate: Type.String(), metres: Type.Integer({ minimum: 0 }) }),
    {
      1: (older) => ({ ...(older as object), centimetres: 0 }),
      2: (older) => ({
        crate: (older as { crate: string }).crate,
        metres: (older as { centimetres: number }).centimetres / 100,
      }),
    },
  );

  it('belongs to the exchange its name begins with', () => {
    expect(Moved.exchange).to.equal('yard');
    expect(Moved.kind).to.equal('event');
    expect(command('yard.move-crate', 1, Type.Object({})).kind).to.equal('command');
  });

  it('lets consumers see only the newest version, however old the message', () => {
    expect(Moved.parse({ crate: 'a' }, 1)).to.deep.equal({ crate: 'a', metres: 0 });
    expect(Moved.parse({ crate: 'a', centimetres: 300 }, 2)).to.deep.equal({ crate: 'a', metres: 3 });
    expect(Moved.parse({ crate: 'a', metres: 4 }, 3)).to.deep.equal({ crate: 'a', metres: 4 });
  });

  it('refuses a payload that does not fit, saying where and not what', () => {
    const refused = refusal(() => Moved.parse({ crate: 'secret', metres: -1 }));
    expect(refused.code).to.equal('message.invalid');
    expect(refused.message).to.include('yard.crate-moved at /metres').and.not.include('secret');
  });

  it('refuses a version that only a newer release knows', () => {
    expect(refusal(() => Moved.parse({}, 4)).code).to.equal('message.unknown-version');
  });

  it('is refused itself when it is misnamed or an upcaster is missing', () => {
    expect(() => event('CrateMoved', 1, Type.Object({}))).to.throw('no message name');
    expect(() => event('yard.lost', 3, Type.Object({}), { 1: (older) => older })).to.throw(
      'no upcaster from version 2',
    );
  });
});
