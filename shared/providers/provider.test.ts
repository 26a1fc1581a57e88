import { expect } from 'chai';
import { register } from 'prom-client';
import { failureOf } from '../../test/support/scripted-http.js';
import { until } from '../../test/support/until.js';
import { TransientError } from '../actors/errors.js';
import { type Circuit, Provider } from './provider.js';
import { CircuitOpen, ProviderIll } from './provider-ill.js';

describe('a provider', () => {
  let provider: Provider;
  let circuits: Circuit[];
  let asked: number;
  beforeEach(() => {
    provider = new Provider({ name: 'carrier', failures: 3, openMs: 20 });
    circuits = [];
    asked = 0;
    const seen = circuits;
    provider.onChange((circuit) => seen.push(circuit));
  });

  const fail = (error: Error = new ProviderIll('carrier.unavailable', 'no answer')) =>
    failureOf(
      provider.ask(() => {
        asked += 1;
        return Promise.reject(error);
      }),
    );
  const answer = () =>
    provider.ask(async () => {
      asked += 1;
      return 'yes';
    });
  const failTimes = async (times: number) => {
    for (let time = 0; time < times; time++) await fail();
  };
  const rested = () => until('it has rested', () => provider.circuit === 'half-open');

  it('is left alone after so many failures in a row, and not before', async () => {
    await failTimes(2);
    await answer();
    await failTimes(2);
    expect(provider.circuit).to.equal('closed');
    expect(provider.room).to.equal(Number.POSITIVE_INFINITY);
    await fail();
    expect(provider.circuit).to.equal('open');
    expect(provider.room).to.equal(0);
    expect(provider.nextTryInMs).to.be.within(1, 20);
    expect(await failureOf(answer())).to.be.instanceOf(CircuitOpen);
    expect(asked).to.equal(6);
  });

  it('is not judged by what is no failure of its own', async () => {
    for (let time = 0; time < 5; time++) await fail(new TransientError('order.unknown', 'not here yet'));
    expect(provider.circuit).to.equal('closed');
  });

  it('is asked by one request when it has rested, and by all again when that is answered', async () => {
    await failTimes(3);
    await rested();
    expect(provider.room).to.equal(1);
    let reply: (value: string) => void = () => undefined;
    const deciding = provider.ask(
      () =>
        new Promise<string>((resolve) => {
          reply = resolve;
        }),
    );
    expect(provider.room).to.equal(0);
    expect(await failureOf(answer())).to.be.instanceOf(CircuitOpen);
    reply('yes');
    await deciding;
    expect(circuits).to.deep.equal(['open', 'half-open', 'closed']);
    await answer();
  });

  it('rests again when that request fails, as long as before', async () => {
    await failTimes(3);
    await rested();
    await fail();
    expect(provider.circuit).to.equal('open');
    await rested();
    expect(circuits).to.deep.equal(['open', 'half-open', 'open', 'half-open']);
  });

  it('counts anew once it is well', async () => {
    await failTimes(3);
    await rested();
    await answer();
    await failTimes(2);
    expect(provider.circuit).to.equal('closed');
  });

  it('stays as it is when those who were asked before it opened come to their end', async () => {
    let reject: (error: Error) => void = () => undefined;
    const late = failureOf(
      provider.ask(
        () =>
          new Promise((_resolve, fails) => {
            reject = fails;
          }),
      ),
    );
    let reply: (value: string) => void = () => undefined;
    const lateAnswer = provider.ask(
      () =>
        new Promise<string>((resolve) => {
          reply = resolve;
        }),
    );
    await failTimes(3);
    reply('yes');
    await lateAnswer;
    reject(new ProviderIll('carrier.unavailable', 'no answer'));
    await late;
    expect(circuits).to.deep.equal(['open']);
  });

  it('is measured by what became of each request, and those that were not made are counted', async () => {
    provider = new Provider({ name: 'measured', failures: 1, openMs: 20 });
    await answer();
    await fail(new TransientError('order.unknown', 'not here yet'));
    await fail();
    await fail();
    const text = await register.metrics();
    for (const outcome of ['answered', 'broken-off', 'ill'])
      expect(text).to.include(`warren_provider_seconds_count{provider="measured",outcome="${outcome}"} 1\n`);
    expect(text).to.include('warren_provider_left_alone_total{provider="measured"} 1\n');
  });

  it('is left alone for as long as it asks, up to a minute', async () => {
    const wishes = { 30000: 30_000, 3600000: 60_000, 5: 20 };
    for (const [retryAfterMs, rest] of Object.entries(wishes)) {
      provider = new Provider({ name: 'carrier', failures: 1, openMs: 20 });
      await fail(new ProviderIll('carrier.unavailable', 'busy', { retryAfterMs: Number(retryAfterMs) }));
      expect(provider.nextTryInMs).to.be.within(rest - 20, rest);
    }
  });

  it('is tried again in time although the clock was set back meanwhile', async () => {
    await failTimes(3);
    const { now } = Date;
    try {
      Date.now = () => now() - 3_600_000;
      await rested();
      await answer();
    } finally {
      Date.now = now;
    }
    expect(provider.circuit).to.equal('closed');
  });
});
