import { expect } from 'chai';
import { type Deployed, Deployment } from '../support/deployment.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

const OPEN_MS = 300;
const quickToLearn = (prefix: string) => ({
  [`${prefix}_TIMEOUT_MS`]: '1000',
  [`${prefix}_CIRCUIT_FAILURES`]: '3',
  [`${prefix}_CIRCUIT_OPEN_MS`]: String(OPEN_MS),
});

describe('a fleet whose provider is ill', function () {
  this.timeout(120_000);
  let deployment: Deployment;
  let shop: Storefront;
  let payment: Deployed;

  before(async () => {
    deployment = await Deployment.start({
      processes: [['orders', 'inventory', 'email', 'relay', 'dead-letters'], ['shipping']],
      environment: { ...quickToLearn('PAYMENT'), ...quickToLearn('CARRIER') },
    });
    shop = new Storefront(deployment);
    payment = await deployment.startWorkers(['payment']);
  });
  after(() => deployment.stop());
  afterEach(() => settings({ unavailableRate: 0, errorAfterRate: 0, resetAfterRate: 0, hangAfterRate: 0 }));

  const settings = async (changed: Record<string, number>): Promise<void> => {
    await fetch(`${deployment.providerUrl}/settings`, { method: 'PUT', body: JSON.stringify(changed) });
  };
  const askedInVain = async (): Promise<number> => {
    const answer = await fetch(`${deployment.providerUrl}/counts`);
    const { sinceStart } = (await answer.json()) as { sinceStart: { injectedErrors: number } };
    return sinceStart.injectedErrors;
  };
  const ofPayment = async (path: string): Promise<string> => {
    const { healthPort } = await deployment.line(payment, 'healthPort');
    return (await fetch(`http://127.0.0.1:${healthPort}${path}`)).text();
  };
  const paused = () =>
    until('payment pauses', async () => (await ofPayment('/readyz')).includes('payment provider: circuit open'));
  const place = (count: number) => Promise.all(Array.from({ length: count }, () => shop.place()));
  const shipped = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) await shop.reached(id, 'SHIPPED');
  };
  /** Lines that payment has logged with the words in them. */
  const said = (words: string): number =>
    payment
      .output()
      .split('\n')
      .filter((line) => line.includes(words)).length;
  const deadLetters = async (): Promise<number> =>
    (await deployment.database.database.query({ text: 'select 1 from dead_letters' })).rowCount;
  const bookings = async (orderId: string): Promise<string[]> => {
    const ledger = await (await fetch(`${deployment.providerUrl}/ledger`)).text();
    const entries = ledger
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    return entries.filter((entry) => entry.orderId === orderId).map(({ kind }) => kind);
  };

  it('pauses without costing an order an attempt, says so, and ships all when the provider is back', async () => {
    await settings({ unavailableRate: 1 });
    const ids = await place(12);
    await paused();
    expect(await ofPayment('/readyz')).to.match(/payment provider: circuit open, next try in \d+ s/);
    expect(await ofPayment('/metrics')).to.match(/warren_circuit_state\{provider="payment provider"\} [12]/);
    const inVain = await askedInVain();
    await until('it was tried five times more', async () => (await askedInVain()) >= inVain + 5);
    // Only those that failed before the circuit opened.
    expect(said('failed; trying again')).to.be.at.most(2);
    await settings({ unavailableRate: 0 });
    await shipped(ids);
    expect(said('circuit open')).to.equal(1);
    expect(said('circuit closed')).to.equal(1);
    expect(said('failed; trying again')).to.be.at.most(2);
    await until('it is ready', async () => JSON.parse(await ofPayment('/readyz')).ready);
    expect(await deadLetters()).to.equal(0);
    for (const id of ids) expect(await bookings(id)).to.deep.equal(['authorized', 'captured', 'labelled']);
  });

  it('stops in time while the provider hangs, and its successor charges what it left, once', async () => {
    const provider = deployment.running.find(({ name }) => name.startsWith('sandbox/provider'));
    await settings({ unavailableRate: 1 });
    const ids = await place(5);
    await paused();
    provider?.child.kill('SIGSTOP');
    try {
      const told = performance.now();
      await deployment.end(payment, 'SIGTERM');
      expect(performance.now() - told).to.be.below(20_000);
      expect(payment.child.exitCode).to.equal(0);
    } finally {
      provider?.child.kill('SIGCONT');
    }
    await settings({ unavailableRate: 0 });
    payment = await deployment.startWorkers(['payment']);
    await shipped(ids);
    for (const id of ids) expect(await bookings(id)).to.deep.equal(['authorized', 'captured', 'labelled']);
  });

  it('gives up what an order holds that was cancelled while nobody could know, and says so only then', async () => {
    await settings({ hangAfterRate: 1 });
    const id = await shop.place();
    await until('the provider has done it', async () => (await bookings(id)).length === 1);
    await settings({ unavailableRate: 1, hangAfterRate: 0 });
    expect(await shop.cancel(id)).to.equal(202);
    const inVain = await askedInVain();
    await until('it was asked three times', async () => (await askedInVain()) >= inVain + 3);
    const { status, payment: known } = await shop.order(id);
    expect([status, known.status]).to.deep.equal(['CANCELLING', 'requested']);
    await settings({ unavailableRate: 0 });
    await shop.reached(id, 'CANCELLED');
    expect(await bookings(id)).to.deep.equal(['authorized', 'voided']);
  });

  for (const [loss, what] of Object.entries({
    errorAfterRate: 'answers 500',
    resetAfterRate: 'breaks the connection',
    hangAfterRate: 'never answers',
  })) {
    it(`charges and ships each order once when the provider does every step and ${what}`, async () => {
      await settings({ [loss]: 1 });
      const ids = await place(4);
      await shipped(ids);
      for (const id of ids) expect(await bookings(id)).to.deep.equal(['authorized', 'captured', 'labelled']);
    });
  }
});
