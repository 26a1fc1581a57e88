import { expect } from 'chai';
import { ApiKeys } from './api-key.js';

describe('a key', () => {
  it('that was revoked opens nothing after three seconds, also when the clock was set back meanwhile', async () => {
    const { now } = Date;
    const { now: running } = performance;
    let owner: string | undefined = 'ada';
    const keys = new ApiKeys({ lookUp: async () => owner });
    const ask = () => keys.ownerOf({ headers: { authorization: 'Bearer key' } });
    try {
      expect(await ask()).to.equal('ada');
      owner = undefined;
      Date.now = () => now() - 3_600_000;
      performance.now = () => running.call(performance) + 3000;
      expect(await ask()).to.equal(undefined);
    } finally {
      Date.now = now;
      performance.now = running;
    }
  });
});
