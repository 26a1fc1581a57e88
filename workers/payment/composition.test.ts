import 'reflect-metadata';
import { expect } from 'chai';
import { container } from 'tsyringe';
import { DEVELOPMENT } from '../../config/environment.js';
import { EnvironmentFaults, readVariables } from '../../config/variable.js';
import { Keyring } from '../../shared/secrets/keyring.js';
import { testKeyring } from '../../test/support/keyring.js';
import { composition } from './composition.js';
import { PaymentActor } from './payment.actor.js';

describe('the composition of payment', () => {
  it('gives the actor its gateway, names whom it depends on, and closes what it opened', async () => {
    const scope = container.createChildContainer().registerInstance(Keyring, testKeyring);
    const closing: (() => Promise<void>)[] = [];
    const settings = readVariables(composition.variables, {
      PAYMENT_URL: 'http://127.0.0.1:1',
      PAYMENT_API_KEY: 'our own',
    });
    const providers: string[] = [];
    composition.register(
      scope,
      settings,
      (close) => closing.push(close),
      ({ name }) => providers.push(name),
    );
    expect(providers).to.deep.equal(['payment provider']);
    expect(scope.resolve(PaymentActor)).to.be.instanceOf(PaymentActor);
    expect(closing).to.have.length(1);
    await Promise.all(closing.map((close) => close()));
  });

  it('refuses the sandbox’s key in production', () => {
    const source = { PAYMENT_URL: 'https://pay.example', PAYMENT_API_KEY: DEVELOPMENT.providerKey };
    expect(() => readVariables(composition.variables, source)).to.throw(EnvironmentFaults, 'PAYMENT_API_KEY');
    expect(() => readVariables(composition.variables, { ...source, NODE_ENV: 'development' })).not.to.throw();
  });
});
