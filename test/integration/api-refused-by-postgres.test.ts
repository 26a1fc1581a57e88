import { expect } from 'chai';
import { intakePerTest } from '../support/intake-per-test.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';

/** What becomes of the insert of a payment, which the commit has been sent behind. */
const REFUSALS = {
  'its disk is full': "raise exception using errcode = '53100', message = 'no space left on device'",
  'the session is ended': 'perform pg_terminate_backend(pg_backend_pid())',
};

describe('placing an order that PostgreSQL cannot store', () => {
  const web = intakePerTest();
  const ask = (text: string) => web.database.query<{ count: number }>({ text });
  const count = async (table: string): Promise<number | undefined> =>
    (await ask(`select count(*) as count from ${table}`)).rows[0]?.count;

  for (const [why, act] of Object.entries(REFUSALS)) {
    it(`is answered with 503 when ${why}, since it is known not to be stored, and leaves nothing behind`, async () => {
      await stockCatalogue(web.database);
      await ask(`create function refuse() returns trigger language plpgsql as $$ begin ${act}; return new; end $$`);
      await ask('create trigger refuse before insert on payments for each row execute function refuse()');
      const place = () =>
        web.intake.call('POST', '/orders', { headers: { 'idempotency-key': 'one' }, body: orderBody });
      try {
        const { status, body } = await place();
        expect([status, body['code']]).to.deep.equal([503, 'intake.unavailable']);
        for (const table of ['orders', 'payments', 'order_keys', 'idempotency_keys', 'event_log', 'outbox', 'timers'])
          expect(await count(table), table).to.equal(0);
      } finally {
        await ask('drop function refuse cascade');
      }
      expect((await place()).status).to.equal(202);
      expect([await count('orders'), await count('payments')]).to.deep.equal([1, 1]);
    });
  }
});
