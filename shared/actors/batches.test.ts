import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { Batches } from './batches.js';

describe('batches', () => {
  const filled = (count: number, lingerMs = 10): Batches<number> => {
    const batches = new Batches<number>({ lingerMs });
    for (let item = 0; item < count; item++) batches.put(item);
    return batches;
  };

  it('hold all that is ready, in its order, and no more than 256', async () => {
    const batches = filled(300);
    expect(await batches.next()).to.deep.equal(Array.from({ length: 256 }, (_, item) => item));
    expect(batches.empty).to.equal(false);
  });

  it('take what comes while they wait for more, when the one before was large', async () => {
    const batches = filled(20);
    await batches.next();
    batches.put(1);
    const next = batches.next();
    await turn();
    // Neither ready nor committed: whoever stops has to wait for it.
    expect(batches.empty).to.equal(false);
    batches.put(2);
    expect(await next).to.deep.equal([1, 2]);
    expect(batches.empty).to.equal(true);
  });

  it('wait as long as they are told to', async () => {
    const [longer, shorter] = [filled(20, 200), filled(20, 0)];
    await Promise.all([longer.next(), shorter.next()]);
    for (const batches of [longer, shorter]) batches.put(1);
    const first = await Promise.race([longer.next().then(() => 'longer'), shorter.next().then(() => 'shorter')]);
    expect(first).to.equal('shorter');
  });

  it('do not wait when the one before was small', async () => {
    const batches = filled(2);
    await batches.next();
    batches.put(1);
    const next = batches.next();
    let come = false;
    void next.then(() => {
      come = true;
    });
    await turn();
    expect(come).to.equal(true);
    expect(await next).to.deep.equal([1]);
  });

  it('wait whatever the one before was, when nobody waits for the answer', async () => {
    const batches = new Batches<number>({ lingerMs: 50, alwaysLingers: true });
    batches.put(1);
    const next = batches.next();
    await turn();
    batches.put(2);
    expect(await next).to.deep.equal([1, 2]);
  });

  it('do not wait when nothing more can come', async () => {
    const asked: number[] = [];
    const mayGrow = (size: number): boolean => asked.push(size) < 0;
    const batches = new Batches<number>({ lingerMs: 60_000, alwaysLingers: true, mayGrow });
    batches.put(1);
    expect(await batches.next()).to.deep.equal([1]);
    expect(asked).to.deep.equal([1]);
  });

  it('end when they are closed', async () => {
    const batches = new Batches<number>({ lingerMs: 10 });
    const next = batches.next();
    batches.close();
    expect(await next).to.deep.equal([]);
  });
});
