import { EventEmitter } from 'node:events';
import { setImmediate as settled } from 'node:timers/promises';
import { expect } from 'chai';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Turns } from './turns.js';

describe('the turns of operators’ requests', () => {
  // Only the closing of the answer matters.
  const ask = (turns: Turns) => {
    const raw = new EventEmitter();
    const asked = { raw, begun: false, refused: '' };
    const request = { raw: { socket: new EventEmitter() } };
    turns.take({} as FastifyRequest, { raw, request } as unknown as FastifyReply).then(
      () => {
        asked.begun = true;
      },
      (error) => {
        asked.refused = error.code;
      },
    );
    return asked;
  };

  it('come one after the other, in their order, and not at all when the caller has hung up meanwhile', async () => {
    const turns = new Turns();
    const [first, second, third] = [ask(turns), ask(turns), ask(turns)];
    const begun = async (): Promise<boolean[]> => {
      await settled();
      return [first.begun, second.begun, third.begun];
    };
    expect(await begun()).to.deep.equal([true, false, false]);
    second.raw.emit('close');
    expect(await begun()).to.deep.equal([true, false, false]);
    first.raw.emit('close');
    expect(await begun()).to.deep.equal([true, false, true]);
  });

  it('are refused beyond a bound, and there is room again when some have come', async () => {
    const turns = new Turns();
    const asked = Array.from({ length: 52 }, () => ask(turns));
    await settled();
    expect(asked.filter(({ refused }) => refused !== '').length).to.be.within(1, 2);
    expect(asked.at(-1)?.refused).to.equal('intake.overloaded');
    for (const { raw } of asked) raw.emit('close');
    await settled();
    const late = ask(turns);
    await settled();
    expect(late).to.include({ begun: true, refused: '' });
  });

  it('come to work that no request asks for as well, also after work that failed', async () => {
    const turns = new Turns();
    const done: string[] = [];
    const failed = turns.carryOut(async () => {
      done.push('first');
      throw new Error('it failed');
    });
    const second = turns.carryOut(async () => done.push('second'));
    expect(await failed.catch((error: Error) => error.message)).to.equal('it failed');
    await second;
    expect(done).to.deep.equal(['first', 'second']);
  });
});
