import { expect } from 'chai';
import { mailSinkEnvironment, providerEnvironment } from './environment.js';

describe('the sandbox environment', () => {
  for (const NODE_ENV of ['production', undefined, '', 'staging']) {
    it(`refuses NODE_ENV=${NODE_ENV}`, () => {
      expect(() => providerEnvironment({ NODE_ENV })).to.throw('NODE_ENV=development or test');
      expect(() => mailSinkEnvironment({ NODE_ENV })).to.throw('NODE_ENV=development or test');
    });
  }

  for (const [name, value] of [
    ['PROVIDER_PORT', '65536'],
    ['PROVIDER_PORT', '80.5'],
    ['PROVIDER_LATENCY_MS', 'slow'],
    ['PROVIDER_ERROR_RATE', '1.5'],
  ] as const) {
    it(`names ${name} when it is ${value}`, () => {
      expect(() => providerEnvironment({ NODE_ENV: 'test', [name]: value })).to.throw(`${name} must be`);
    });
  }

  it('takes a share for the error rate', () => {
    const { errorRate } = providerEnvironment({ NODE_ENV: 'test', PROVIDER_ERROR_RATE: '0.25' });
    expect(errorRate).to.equal(0.25);
  });
});
