import { expect } from 'chai';
import { Audience } from './audience.js';

describe('the audience of webhooks', () => {
  it('may be there until the database says that it is not, and when it has not said so lately', () => {
    let now = 0;
    const audience = new Audience(() => now);
    expect(audience.mayListen()).to.equal(true);
    audience.learn(false);
    expect(audience.mayListen()).to.equal(false);
    now += 4999;
    expect(audience.mayListen()).to.equal(false);
    now += 1;
    expect(audience.mayListen()).to.equal(true);
    audience.learn(false);
    audience.learn(true);
    expect(audience.mayListen()).to.equal(true);
  });
});
