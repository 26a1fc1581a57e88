import { expect } from 'chai';
import { Deadline } from './deadline.js';

const HOUR_MS = 3_600_000;
const over = new Error('the time is over');

describe('a deadline', () => {
  it('lets work that is done in time settle as it does', async () => {
    const deadline = new Deadline(HOUR_MS, () => over);
    expect(await deadline.before(Promise.resolve('done'))).to.equal('done');
    deadline.end();
    const other = new Deadline(HOUR_MS, () => over);
    const failed = await other.before(Promise.reject(new Error('its own'))).catch((error) => error);
    other.end();
    expect(failed).to.have.property('message', 'its own');
  });

  it('rejects with its reason when the time is over, and aborts the signal', async () => {
    const deadline = new Deadline(5, () => over);
    const { signal } = deadline;
    const work = new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    expect(await deadline.before(work).catch((error: unknown) => error)).to.equal(over);
    expect(signal.reason).to.equal(over);
  });

  it('can be cut short, and tells a handler that asks for the signal only then', async () => {
    const deadline = new Deadline(HOUR_MS, () => over);
    const waiting = deadline.before(new Promise(() => undefined)).catch((error: unknown) => error);
    const stopped = new Error('the process has to stop');
    deadline.expire(stopped);
    expect(await waiting).to.equal(stopped);
    expect(deadline.signal.aborted).to.equal(true);
    deadline.end();
  });
});
