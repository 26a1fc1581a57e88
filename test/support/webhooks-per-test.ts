/** A receiver of webhooks and what delivers to it, for each test of a suite, beside an intake with a storefront's key. */
import { expect } from 'chai';
import { v7 } from 'uuid';
import { type AddressRules, resolveByDns } from '../../shared/http/outside-address.js';
import { createLogger } from '../../shared/observability/log.js';
import { attempts } from '../../workers/webhooks/attempt.js';
import { Deliverer } from '../../workers/webhooks/deliverer.js';
import type { TestIntake } from './intake.js';
import { intakePerTest } from './intake-per-test.js';
import { testKeyring } from './keyring.js';
import { until } from './until.js';
import { WebhookReceiver } from './webhook-receiver.js';

export const TIMEOUT_MS = 1000;
export const DISABLE_AFTER_MS = 5 * 86_400_000;
export const anywhere: AddressRules = { resolve: resolveByDns, allowInside: true };
export const log = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');

interface MadeEndpoint {
  readonly id: string;
  readonly secret: string;
}

interface Seen {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
  readonly log: readonly { readonly status?: number; readonly error?: string }[];
}

/** To be called in `describe`; what it returns is there within the tests. */
export function webhooksPerTest() {
  let databaseUrl: string;
  const web = intakePerTest((url) => {
    databaseUrl = url;
    return { webhookTargets: anywhere };
  });
  let receiver: WebhookReceiver;
  let deliverer: Deliverer;

  const delivererWith = (rules: AddressRules, atOnce = 16): Deliverer =>
    new Deliverer(
      { database: web.database, keyring: testKeyring, log },
      attempts({ ...rules, timeoutMs: TIMEOUT_MS }),
      { atOnce, timeoutMs: TIMEOUT_MS, disableAfterMs: DISABLE_AFTER_MS },
    );

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    deliverer = delivererWith(anywhere);
  });
  afterEach(async () => {
    await deliverer.stop(0);
    await receiver.close();
  });

  const post = async (path: string, body?: unknown, status = 202, intake = web.intake) => {
    const answer = await intake.call('POST', path, body === undefined ? {} : { body });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(status);
    return answer.body;
  };
  const endpointTo = async (url: string, intake = web.intake): Promise<MadeEndpoint> =>
    madeIn(await post('/webhooks/endpoints', { url }, 201, intake));
  const seen = async (delivery: string, intake = web.intake): Promise<Seen> => {
    const { id, status, attempts, log } = (await intake.call('GET', `/webhooks/deliveries/${delivery}`)).body;
    return { id: String(id), status: String(status), attempts: Number(attempts), log: log as Seen['log'] };
  };

  return {
    web,
    delivererWith,
    post,
    seen,
    get databaseUrl() {
      return databaseUrl;
    },
    get receiver() {
      return receiver;
    },
    get deliverer() {
      return deliverer;
    },
    endpointAt: (path: string, intake?: TestIntake) => endpointTo(`${receiver.url}${path}`, intake),
    endpointTo,
    rotated: async ({ id }: { id: string }) =>
      madeIn(await post(`/webhooks/endpoints/${id}/rotate-secret`, undefined, 200)),
    /** Makes a delivery that says nothing, and returns its id. */
    test: async ({ id }: { id: string }, intake: TestIntake = web.intake): Promise<string> =>
      String((await post(`/webhooks/endpoints/${id}/test`, undefined, 202, intake))['deliveryId']),
    settled: (id: string, attemptsMade = 1, intake: TestIntake = web.intake): Promise<Seen> =>
      until('the attempt is in the log', async () => {
        const one = await seen(id, intake);
        return one.log.length >= attemptsMade ? one : undefined;
      }),
    makeDue: () => web.database.query({ text: 'update webhook_deliveries set due_at = now()' }),
    endpoint: async ({ id }: { id: string }) => (await web.intake.call('GET', `/webhooks/endpoints/${id}`)).body,
    /** An order of the storefront of `web.intake`, at which something happened. */
    happened: async (type: string, reference: string | null = null): Promise<string> => {
      const orderId = v7();
      await web.database.query({
        text: `with shop as (select id from storefronts order by id limit 1), placed as (
                 insert into orders (id, storefront_id, reference, customer, shipping_address, lines, total_amount, currency,
                                     status, stock, payment, shipment, version)
                 select $1, id, $2, '{"name":"Ada","email":"ada@example.com"}', '{}', '[]', 1, 'GBP', 'SHIPPED', 'x', 'x', 'x', 1 from shop)
               insert into webhook_events (id, message_id, order_id, type, status) values ($3, $4, $1, $5, 'SHIPPED')`,
        values: [orderId, reference, v7(), v7(), type],
      });
      return orderId;
    },
  };
}

/** What an answer shows once. */
const madeIn = ({ id, secret }: Readonly<Record<string, unknown>>): MadeEndpoint => ({
  id: String(id),
  secret: String(secret),
});
