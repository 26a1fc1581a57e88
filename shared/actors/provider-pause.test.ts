import { expect } from 'chai';
import { failureOf } from '../../test/support/scripted-http.js';
import { until } from '../../test/support/until.js';
import { Provider } from '../providers/provider.js';
import { CircuitOpen, ProviderIll } from '../providers/provider-ill.js';
import { PermanentError, TransientError } from './errors.js';
import { ProviderPause } from './provider-pause.js';

const ill = new ProviderIll('payment.unavailable', 'no answer');

describe('the pause of an actor', () => {
  let provider: Provider;
  let pause: ProviderPause;
  let resumed: number;
  let givenBack: number;
  const open = async (openMs: number) => {
    resumed = 0;
    givenBack = 0;
    provider = new Provider({ name: 'payment provider', failures: 1, openMs });
    const well = new Provider({ name: 'carrier', failures: 1, openMs });
    pause = new ProviderPause({
      providers: [well, provider],
      onResume: () => resumed++,
      onGiveBack: () => givenBack++,
      giveBackEveryMs: 5,
    });
    expect(pause.most(50)).to.equal(50);
    await failureOf(provider.ask(() => Promise.reject(ill)));
  };
  afterEach(() => pause.close());

  it('lasts while one of its providers is left alone, says why, and ends by itself', async () => {
    await open(20);
    expect(pause.most(50)).to.equal(0);
    expect(pause.readiness()).to.equal('payment provider: circuit open, next try in 1 s');
    const before = resumed;
    await until('one may try', () => pause.most(50) === 1);
    expect(resumed).to.be.greaterThan(before);
    expect(pause.readiness()).to.equal(true);
    let reply: (value: string) => void = () => undefined;
    const trying = provider.ask(
      () =>
        new Promise<string>((resolve) => {
          reply = resolve;
        }),
    );
    expect(pause.most(50)).to.equal(0);
    expect(pause.readiness()).to.equal('payment provider: circuit half-open, being tried');
    reply('well');
    await trying;
    expect(pause.most(50)).to.equal(50);
    expect(pause.readiness()).to.equal(true);
  });

  it('gives back at once when somebody cannot wait for its end, and nothing while there is none', async () => {
    await open(20);
    pause.close();
    givenBack = 0;
    pause.giveBack();
    expect(givenBack).to.equal(1);
    await until('one may try', () => pause.most(50) === 1);
    pause.giveBack();
    expect(givenBack).to.equal(1);
  });

  it('costs no attempt of what fails while it lasts, whatever passes', async () => {
    await open(60_000);
    expect(pause.excuses(ill)).to.equal(true);
    expect(pause.excuses(new TransientError('effect.timeout', 'no answer in time'))).to.equal(true);
    expect(pause.excuses(new PermanentError('payment.rejected', 'wrong'))).to.equal(false);
    expect(pause.excuses(new Error('a bug'))).to.equal(false);
  });

  it('excuses at other times only what was not asked', async () => {
    await open(1);
    await until('one may try', () => pause.most(50) === 1);
    expect(pause.excuses(ill)).to.equal(false);
    expect(pause.excuses(new CircuitOpen('carrier'))).to.equal(true);
  });

  it('gives back now and then as long as it lasts, and not afterwards', async () => {
    await open(20);
    await until('it gives back twice', () => givenBack >= 2);
    await until('one may try', () => pause.most(50) === 1);
    await provider.ask(async () => 'well');
    const before = givenBack;
    let ticks = 0;
    const clock = setInterval(() => ticks++, 5);
    await until('it would have again', () => ticks >= 3);
    clearInterval(clock);
    expect(givenBack).to.equal(before);
  });
});
