/** `POST /orders`: accepts an order once it is stored. What follows from it is sent after the answer. */
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Pool } from 'pg';
import { register } from 'prom-client';
import { requestSeconds } from './metrics.js';
import { OrderRequest } from './order-request.js';
import type { Outbox } from './outbox.js';
import { type Placed, place } from './placement.js';
import { Storefronts } from './storefronts.js';

export interface Intake {
  readonly pool: Pool;
  readonly outbox: Outbox;
  readonly log: FastifyBaseLogger;
  readonly ready: () => boolean;
}

/** Where a request carries who asks. */
const STOREFRONT = 'storefrontId';
const IDEMPOTENCY_KEY = /^[!-~]{1,255}$/;
const REFUSALS = {
  'key-reused': [409, 'the idempotency key was used for another order'],
  'unknown-product': [422, 'the catalogue lacks a SKU, or has it in another currency'],
} as const satisfies Readonly<Record<Exclude<Placed['kind'], 'placed' | 'replayed'>, readonly [number, string]>>;

/** Closing it answers what was begun and sends what was stored. */
export function intake({ pool, outbox, log, ready }: Intake): FastifyInstance {
  const app = Fastify({ loggerInstance: log, logController: new LogController({ disableRequestLogging: true }) });
  const storefronts = new Storefronts(pool);
  const sending = new Set<Promise<void>>();
  app.addHook('onResponse', async ({ method }, { statusCode, elapsedTime }) => {
    if (method === 'POST') requestSeconds.observe({ status: statusCode }, elapsedTime / 1000);
  });
  app.addHook('onClose', async () => void (await Promise.all(sending)));
  app.get('/readyz', async (_, reply) => reply.code(ready() ? 200 : 503).send({}));
  app.get('/metrics', async (_, reply) => reply.type(register.contentType).send(await register.metrics()));
  app.decorateRequest(STOREFRONT, '');
  const authenticate = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const storefrontId = await storefronts.byAuthorization(request.headers.authorization);
    if (storefrontId === undefined) return reply.code(401).send({ detail: 'send the key of a storefront' });
    request.setDecorator(STOREFRONT, storefrontId);
    return undefined;
  };
  const options = { schema: { body: OrderRequest }, onRequest: authenticate };
  app.post<{ Body: OrderRequest }>('/orders', options, async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key))
      return reply.code(400).send({ detail: 'send an Idempotency-Key' });
    const placed = await place(pool, request.getDecorator<string>(STOREFRONT), key, request.body);
    if (placed.kind !== 'placed' && placed.kind !== 'replayed') {
      const [status, detail] = REFUSALS[placed.kind];
      return reply.code(status).send({ detail });
    }
    if (placed.kind === 'placed') {
      const sent = outbox.send([placed.message]).finally(() => sending.delete(sent));
      sending.add(sent);
    }
    const { orderId } = placed;
    return reply.code(202).header('location', `/orders/${orderId}`).send({ orderId, status: 'INITIATED' });
  });
  return app;
}
