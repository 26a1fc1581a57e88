import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { providerEnvironment } from '../environment.js';
import { withFolder } from '../support/folder.js';
import { withSandbox } from '../support/process.js';
import type { LedgerEntry } from './entry.js';
import { startProvider } from './provider.js';

interface Reply {
  status: number;
  replayed: boolean;
  // The bodies are many; a test says what it expects of the one it gets.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  body: any;
}

/** What a test can do with a provider. */
class Client {
  constructor(readonly url: string) {}

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: 'Bearer sandbox-key', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(5_000),
    });
    const replayed = response.headers.get('idempotent-replayed') === 'true';
    return { status: response.status, replayed, body: await response.json() };
  }

  post(path: string, key: string, body: unknown): Promise<Reply> {
    return this.send('POST', path, body, { 'idempotency-key': key });
  }

  authorize(orderId: string, token = 'tok_ok', key = `${orderId}:authorize`): Promise<Reply> {
    return this.post('/payments/authorizations', key, { orderId, amount: 1_250, currency: 'GBP', token });
  }

  async ledger(): Promise<LedgerEntry[]> {
    const response = await fetch(`${this.url}/ledger`);
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line));
  }
}

async function withProvider(
  use: (provider: Client, folder: string) => Promise<void>,
  variables: Record<string, string> = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const running = await startProvider(providerEnvironment({ NODE_ENV: 'test', PROVIDER_DIR: folder, ...variables }));
    try {
      await use(new Client(running.url), folder);
    } finally {
      await running.stop();
    }
  });
}

const kindsOf = (entries: readonly LedgerEntry[]) => entries.map(({ kind }) => kind);
const address = { line1: '1 High Street', city: 'Leeds', postalCode: 'LS1 1AA', country: 'GB' };
const lines = [{ sku: '85123A', quantity: 2 }];

describe('the sandbox provider', () => {
  it('authorizes, captures and refunds, and tells where the money stands', () =>
    withProvider(async (provider) => {
      const authorized = await provider.authorize('o1');
      expect(authorized.status).to.equal(201);
      expect(authorized.body).to.include({ orderId: 'o1', status: 'authorized', amount: 1_250, currency: 'GBP' });
      const captured = await provider.post('/payments/captures', 'o1:capture', { orderId: 'o1', amount: 1_250 });
      expect(captured.body).to.deep.include({ status: 'captured', authorizationIds: [authorized.body.id] });
      const refunded = await provider.post('/payments/refunds', 'o1:refund', { orderId: 'o1', amount: 250 });
      expect(refunded.status).to.equal(201);

      const { body } = await provider.send('GET', '/payments?orderId=o1');
      expect(body).to.include({ currency: 'GBP', held: 0, captured: 1_250, refunded: 250, inFlight: 0 });
      expect(body.entries.map((entry: LedgerEntry) => entry.idempotencyKey)).to.deep.equal([
        'o1:authorize',
        'o1:capture',
        'o1:refund',
      ]);
    }));

  it('ships once a key, cancels every label of an order, and lists them', () =>
    withProvider(async (provider) => {
      const label = await provider.post('/shipments', 'o1:ship', { orderId: 'o1', address, lines });
      expect(label.status).to.equal(201);
      expect(label.body.trackingNumber).to.match(/^SBX\d{9}$/);
      const again = await provider.post('/shipments', 'o1:ship', { orderId: 'o1', address, lines });
      expect(again.body).to.deep.equal(label.body);
      await provider.post('/shipments', 'o1:ship-2', { orderId: 'o1', address, lines });

      const cancelled = await provider.post('/shipments/cancel', 'o1:cancel', { orderId: 'o1' });
      expect(cancelled.body.trackingNumbers).to.have.length(2).and.include(label.body.trackingNumber);
      const { body } = await provider.send('GET', '/shipments?orderId=o1');
      expect(body.labels.map(({ status }: { status: string }) => status)).to.deep.equal(['cancelled', 'cancelled']);
      const nothing = await provider.post('/shipments/cancel', 'o1:cancel-2', { orderId: 'o1' });
      expect(nothing).to.deep.include({ status: 200, body: { orderId: 'o1', status: 'nothing_to_cancel' } });
    }));

  describe('idempotency', () => {
    it('gives the same answer to the same key and body, and does it once', () =>
      withProvider(async (provider) => {
        for (const token of ['tok_ok', 'tok_declined']) {
          const first = await provider.authorize(token, token);
          const second = await provider.authorize(token, token);
          expect([first.replayed, second.replayed]).to.deep.equal([false, true]);
          expect(second).to.deep.include({ status: first.status, body: first.body });
        }
        expect(kindsOf(await provider.ledger())).to.deep.equal(['authorized', 'declined']);
      }));

    it('takes bodies for the same whatever the order of their members', () =>
      withProvider(async (provider) => {
        await provider.post('/shipments', 'k', { orderId: 'o1', address, lines });
        const turned = Object.fromEntries(Object.entries(address).reverse());
        const again = await provider.post('/shipments', 'k', { lines, address: turned, orderId: 'o1' });
        expect(again).to.include({ status: 201, replayed: true });
      }));

    it('refuses a key with another body or path, and puts that in the ledger', () =>
      withProvider(async (provider) => {
        await provider.authorize('o1', 'tok_ok', 'k');
        const otherBody = await provider.authorize('o2', 'tok_ok', 'k');
        const otherPath = await provider.post('/payments/voids', 'k', { orderId: 'o1' });
        for (const { status, body } of [otherBody, otherPath]) {
          expect([status, body.code]).to.deep.equal([422, 'idempotency_mismatch']);
        }
        expect(kindsOf(await provider.ledger())).to.deep.equal(['authorized', 'key_reused', 'key_reused']);
        expect((await provider.authorize('o1', 'tok_ok', 'k')).status).to.equal(201);
      }));

    it('answers 409 while the first request with the key is being carried out', () =>
      withProvider(async (provider) => {
        await provider.send('PUT', '/settings', { slowMs: 300 });
        const slow = provider.authorize('o1', 'tok_slow');
        await until(async () => (await provider.send('GET', '/payments?orderId=o1')).body.inFlight === 1);
        const meanwhile = await provider.authorize('o1', 'tok_slow');
        expect([meanwhile.status, meanwhile.body.code]).to.deep.equal([409, 'idempotency_in_flight']);
        expect((await slow).status).to.equal(201);
        expect(await provider.authorize('o1', 'tok_slow')).to.include({ status: 201, replayed: true });
      }));

    it('keeps a payment key and a shipment key of the same name apart', () =>
      withProvider(async (provider) => {
        await provider.authorize('o1', 'tok_ok', 'k');
        expect((await provider.post('/shipments', 'k', { orderId: 'o1', address, lines })).status).to.equal(201);
      }));

    it('hides no double charge: two keys are two authorizations', () =>
      withProvider(async (provider) => {
        await provider.authorize('o1', 'tok_ok', 'k1');
        await provider.authorize('o1', 'tok_ok', 'k2');
        expect((await provider.send('GET', '/payments?orderId=o1')).body.held).to.equal(2_500);
      }));
  });

  describe('faults', () => {
    it('tok_error_after_charge: charges, answers 500 once, and the true result to a replay', () =>
      withProvider(async (provider) => {
        expect((await provider.authorize('o1', 'tok_error_after_charge')).status).to.equal(500);
        expect((await provider.send('GET', '/payments?orderId=o1')).body.held).to.equal(1_250);
        expect(await provider.authorize('o1', 'tok_error_after_charge')).to.include({ status: 201, replayed: true });
        expect(kindsOf(await provider.ledger())).to.deep.equal(['authorized']);
      }));

    it('tok_hang: never answers, does nothing, and frees the key when the client hangs up', () =>
      withProvider(async (provider) => {
        const controller = new AbortController();
        const hanging = fetch(`${provider.url}/payments/authorizations`, {
          method: 'POST',
          headers: { authorization: 'Bearer k', 'idempotency-key': 'o1:authorize' },
          body: JSON.stringify({ orderId: 'o1', amount: 1_250, currency: 'GBP', token: 'tok_hang' }),
          signal: controller.signal,
        }).catch((error: Error) => error.name);
        const inFlight = async () => (await provider.send('GET', '/payments?orderId=o1')).body.inFlight;
        await until(async () => (await inFlight()) === 1);
        controller.abort();
        expect(await hanging).to.equal('AbortError');
        await until(async () => (await inFlight()) === 0);
        expect(await provider.ledger()).to.deep.equal([]);
      }));

    it('tok_slow: is carried out though its client has hung up', () =>
      withProvider(async (provider) => {
        await provider.send('PUT', '/settings', { slowMs: 150 });
        const gone = fetch(`${provider.url}/payments/authorizations`, {
          method: 'POST',
          headers: { authorization: 'Bearer k', 'idempotency-key': 'o1:authorize' },
          body: JSON.stringify({ orderId: 'o1', amount: 1_250, currency: 'GBP', token: 'tok_slow' }),
          signal: AbortSignal.timeout(50),
        }).catch((error: Error) => error.name);
        expect(await gone).to.equal('TimeoutError');
        await until(async () => (await provider.send('GET', '/payments?orderId=o1')).body.held === 1_250);
      }));

    it('the error rate fails requests before and after doing them, and a repetition gets through', () =>
      withProvider(
        async (provider) => {
          await provider.send('PUT', '/settings', { seed: 11 });
          const orders = Array.from({ length: 40 }, (_, i) => `o${i}`);
          const failed: string[] = [];
          for (const order of orders) if ((await provider.authorize(order)).status === 500) failed.push(order);
          const doneAll = new Set((await provider.ledger()).map(({ orderId }) => orderId));
          expect(
            failed.filter((order) => doneAll.has(order)),
            'failed after',
          ).to.not.be.empty;
          expect(
            failed.filter((order) => !doneAll.has(order)),
            'failed before',
          ).to.not.be.empty;

          for (const order of orders) await until(async () => (await provider.authorize(order)).status === 201);
          expect(kindsOf(await provider.ledger())).to.deep.equal(orders.map(() => 'authorized'));
        },
        { PROVIDER_ERROR_RATE: '0.5' },
      ));

    it('commits none unless told to, and takes 2 s for slow', () =>
      withProvider(async (provider) => {
        const { body } = await provider.send('GET', '/settings');
        expect(body).to.include({ latencyMs: 0, errorRate: 0, slowMs: 2_000 });
      }));

    it('the latency delays every request', () =>
      withProvider(
        async (provider) => {
          const begun = performance.now();
          await provider.authorize('o1');
          expect(performance.now() - begun).to.be.at.least(99);
        },
        { PROVIDER_LATENCY_MS: '100' },
      ));
  });

  describe('what is wrong', () => {
    const good = { orderId: 'o1', amount: 5, currency: 'GBP', token: 'tok_ok' };
    for (const [what, body] of Object.entries({
      'an amount of zero': { ...good, amount: 0 },
      'a fraction': { ...good, amount: 1.5 },
      'an amount as text': { ...good, amount: '5' },
      'no order id': { ...good, orderId: undefined },
      'a currency in small letters': { ...good, currency: 'gbp' },
      'no token': { ...good, token: undefined },
      'an array': [good],
      'no JSON': '{',
    })) {
      it(`answers 400 to ${what} and writes nothing`, () =>
        withProvider(async (provider) => {
          const { status, body: answer } = await provider.post('/payments/authorizations', 'k', body);
          expect([status, answer.code]).to.deep.equal([400, 'invalid_request']);
          expect(await provider.ledger()).to.deep.equal([]);
        }));
    }

    it('answers 400 to a missing or unfit idempotency key', () =>
      withProvider(async (provider) => {
        expect((await provider.send('POST', '/payments/authorizations', good)).status).to.equal(400);
        expect((await provider.post('/payments/authorizations', 'k'.repeat(256), good)).status).to.equal(400);
        expect((await provider.post('/payments/authorizations', 'a b', good)).status).to.equal(400);
      }));

    it('lets in only the key of the API that is asked', () =>
      withProvider(
        async (provider) => {
          const look = async (path: string, authorization: string) =>
            (await provider.send('GET', `${path}?orderId=o1`, undefined, { authorization })).status;
          expect(await look('/payments', 'Bearer pay')).to.equal(200);
          expect(await look('/shipments', 'Bearer carry')).to.equal(200);
          expect(await look('/payments', 'Bearer carry')).to.equal(401);
          expect(await look('/shipments', 'carry')).to.equal(401);
          expect(await look('/payments', '')).to.equal(401);
        },
        { PAYMENT_API_KEY: 'pay', CARRIER_API_KEY: 'carry' },
      ));

    it('answers 404 to a path it does not know', () =>
      withProvider(async (provider) => {
        expect((await provider.send('POST', '/payments/refund', good)).status).to.equal(404);
      }));
  });

  describe('the ledger', () => {
    it('outlives kill -9, with every answered request and its key, and a torn last line does no harm', () =>
      withFolder(async (folder) => {
        const environment = { NODE_ENV: 'test', PROVIDER_DIR: folder };
        const orders = Array.from({ length: 30 }, (_, i) => `o${i}`);
        const answers: unknown[] = [];
        await withSandbox('provider/start.js', environment, async ({ log, end }) => {
          const provider = new Client(log.url);
          for (const { body } of await Promise.all(orders.map((order) => provider.authorize(order))))
            answers.push(body);
          await end('SIGKILL');
        });
        await appendFile(join(folder, 'ledger.ndjson'), '{"seq":31,"kind":"autho');

        await withSandbox('provider/start.js', environment, async ({ log }) => {
          const provider = new Client(log.url);
          const replays = await Promise.all(orders.map((order) => provider.authorize(order)));
          expect(replays.every(({ replayed }) => replayed)).to.equal(true);
          expect(replays.map(({ body }) => body)).to.deep.equal(answers);
          expect((await provider.authorize('o30')).status).to.equal(201);
          const numbers = (await provider.ledger()).map(({ seq }) => seq);
          expect(numbers).to.deep.equal(Array.from({ length: 31 }, (_, i) => i + 1));
        });
      }));

    it('is refused, naming the line, when something else stands between its entries', async () =>
      withProvider(async (provider, folder) => {
        await provider.authorize('o1');
        const path = join(folder, 'ledger.ndjson');
        await appendFile(path, '{"seq":3}\n');
        const starting = startProvider(providerEnvironment({ NODE_ENV: 'test', PROVIDER_DIR: folder }));
        expect(await starting.catch((error: Error) => error.message)).to.include(`Line 2 of ${path}`);
      }));

    it('holds no payment token', () =>
      withProvider(async (provider, folder) => {
        await provider.authorize('o1', 'tok_ok');
        await provider.authorize('o2', 'tok_a_secret');
        const file = await readFile(join(folder, 'ledger.ndjson'), 'utf8');
        expect(file).to.include('"o2"').and.not.include('tok_');
      }));

    it('is counted by kind', () =>
      withProvider(async (provider) => {
        await provider.authorize('o1');
        await provider.authorize('o1');
        await provider.authorize('o2', 'tok_declined');
        const { body } = await provider.send('GET', '/counts');
        expect(body).to.deep.equal({
          entries: { authorized: 1, declined: 1 },
          orders: 2,
          sinceStart: { requests: 3, replayed: 1, injectedErrors: 0 },
        });
      }));
  });

  for (const fault of ['errorAfterRate', 'resetAfterRate', 'hangAfterRate']) {
    it(`with ${fault} does what it is asked, loses its first answer, and tells a replay the truth`, () =>
      withProvider(async (provider) => {
        await provider.send('PUT', '/settings', { [fault]: 1 });
        const steps: [path: string, body: object][] = [
          ['/payments/authorizations', { orderId: 'o1', amount: 1_250, currency: 'GBP', token: 'tok_ok' }],
          ['/payments/captures', { orderId: 'o1', amount: 1_250 }],
          ['/payments/refunds', { orderId: 'o1', amount: 1_250 }],
          ['/shipments', { orderId: 'o1', address, lines }],
        ];
        for (const [path, body] of steps) {
          const hangUp = AbortSignal.timeout(300);
          const first = await fetch(`${provider.url}${path}`, {
            method: 'POST',
            headers: { authorization: 'Bearer sandbox-key', 'idempotency-key': path },
            body: JSON.stringify(body),
            signal: hangUp,
          }).catch(() => undefined);
          expect(first?.status).to.equal(fault === 'errorAfterRate' ? 500 : undefined);
          expect(hangUp.aborted).to.equal(fault === 'hangAfterRate');
          await until(async () => (await provider.post(path, path, body)).status === 201);
        }
        expect(kindsOf(await provider.ledger())).to.deep.equal(['authorized', 'captured', 'refunded', 'labelled']);
        expect((await provider.send('GET', '/counts')).body.sinceStart.injectedErrors).to.equal(4);
      }));
  }

  it('that is unavailable does nothing, and says when to ask again', () =>
    withProvider(async (provider) => {
      await provider.send('PUT', '/settings', { unavailableRate: 1, retryAfterS: 7 });
      const answer = await fetch(`${provider.url}/payments?orderId=o1`, {
        headers: { authorization: 'Bearer sandbox-key' },
      });
      expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([503, '7']);
      expect((await provider.authorize('o1')).status).to.equal(503);
      await provider.send('PUT', '/settings', { unavailableRate: 0 });
      expect(await provider.ledger()).to.deep.equal([]);
    }));

  it('answers what it has begun when it is told to stop, and exits with 0', () =>
    withFolder((folder) =>
      withSandbox('provider/start.js', { NODE_ENV: 'test', PROVIDER_DIR: folder }, async ({ log, end }) => {
        const provider = new Client(log.url);
        await provider.send('PUT', '/settings', { slowMs: 200 });
        const slow = provider.authorize('o1', 'tok_slow');
        await until(async () => (await provider.send('GET', '/payments?orderId=o1')).body.inFlight === 1);
        const told = performance.now();
        expect(await end('SIGTERM')).to.equal(0);
        expect((await slow).status).to.equal(201);
        // The client keeps its connection alive; the stop must not wait for that.
        expect(performance.now() - told).to.be.below(3_000);
      }),
    ));

  it('does not start in production, and says why', () =>
    withFolder((folder) =>
      withSandbox('provider/start.js', { NODE_ENV: 'production', PROVIDER_DIR: folder }, async ({ log, end }) => {
        expect(log.msg).to.include('NODE_ENV');
        expect(await end('SIGCONT')).to.equal(1);
      }),
    ));
});

/** Asks until it is so. @throws Error after 5 s */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('It did not become so within 5 s.');
  }
}
