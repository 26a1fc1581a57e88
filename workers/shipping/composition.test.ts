import { expect } from 'chai';
import { DEVELOPMENT } from '../../config/environment.js';
import { EnvironmentFaults, readVariables } from '../../config/variable.js';
import { composedActor } from '../../test/support/composed-actor.js';
import { composition } from './composition.js';
import { ShippingActor } from './shipping.actor.js';

describe('the composition of shipping', () => {
  it('gives the actor its carrier, names whom it depends on, and closes what it opened', async () => {
    const { actor, providers, closings } = await composedActor(composition, ShippingActor, {
      CARRIER_URL: 'http://127.0.0.1:1',
      CARRIER_API_KEY: 'our own',
    });
    expect(actor).to.be.instanceOf(ShippingActor);
    expect(providers).to.deep.equal(['carrier']);
    expect(closings).to.equal(1);
  });

  it('refuses the sandbox’s key in production', () => {
    const source = { CARRIER_URL: 'https://parcels.example', CARRIER_API_KEY: DEVELOPMENT.providerKey };
    expect(() => readVariables(composition.variables, source)).to.throw(EnvironmentFaults, 'CARRIER_API_KEY');
    expect(() => readVariables(composition.variables, { ...source, NODE_ENV: 'development' })).not.to.throw();
  });
});
