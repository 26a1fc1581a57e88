import { expect } from 'chai';
import { DEVELOPMENT } from '../../config/environment.js';
import { EnvironmentFaults, readVariables } from '../../config/variable.js';
import { composedActor } from '../../test/support/composed-actor.js';
import { composition } from './composition.js';
import { PaymentActor } from './payment.actor.js';

describe('the composition of payment', () => {
  it('gives the actor its gateway, names whom it depends on, and closes what it opened', async () => {
    const { actor, providers, closings } = await composedActor(composition, PaymentActor, {
      PAYMENT_URL: 'http://127.0.0.1:1',
      PAYMENT_API_KEY: 'our own',
    });
    expect(actor).to.be.instanceOf(PaymentActor);
    expect(providers).to.deep.equal(['payment provider']);
    expect(closings).to.equal(1);
  });

  it('refuses the sandbox’s key in production', () => {
    const source = { PAYMENT_URL: 'https://pay.example', PAYMENT_API_KEY: DEVELOPMENT.providerKey };
    expect(() => readVariables(composition.variables, source)).to.throw(EnvironmentFaults, 'PAYMENT_API_KEY');
    expect(() => readVariables(composition.variables, { ...source, NODE_ENV: 'development' })).not.to.throw();
  });
});
