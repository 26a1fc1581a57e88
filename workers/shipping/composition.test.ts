import 'reflect-metadata';
import { expect } from 'chai';
import { container } from 'tsyringe';
import { DEVELOPMENT } from '../../config/environment.js';
import { EnvironmentFaults, readVariables } from '../../config/variable.js';
import { composition } from './composition.js';
import { ShippingActor } from './shipping.actor.js';

describe('the composition of shipping', () => {
  it('gives the actor its carrier, names whom it depends on, and closes what it opened', async () => {
    const scope = container.createChildContainer();
    const closing: (() => Promise<void>)[] = [];
    const settings = readVariables(composition.variables, {
      CARRIER_URL: 'http://127.0.0.1:1',
      CARRIER_API_KEY: 'our own',
    });
    const providers: string[] = [];
    composition.register(
      scope,
      settings,
      (close) => closing.push(close),
      ({ name }) => providers.push(name),
    );
    expect(providers).to.deep.equal(['carrier']);
    expect(scope.resolve(ShippingActor)).to.be.instanceOf(ShippingActor);
    expect(closing).to.have.length(1);
    await Promise.all(closing.map((close) => close()));
  });

  it('refuses the sandbox’s key in production', () => {
    const source = { CARRIER_URL: 'https://parcels.example', CARRIER_API_KEY: DEVELOPMENT.providerKey };
    expect(() => readVariables(composition.variables, source)).to.throw(EnvironmentFaults, 'CARRIER_API_KEY');
    expect(() => readVariables(composition.variables, { ...source, NODE_ENV: 'development' })).not.to.throw();
  });
});
