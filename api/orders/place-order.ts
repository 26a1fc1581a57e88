/** `POST /orders`: accepts an order once it is stored, and not before. */
import { newId } from '../../shared/messaging/message-id.js';
import { fingerprintOf } from '../fingerprint.js';
import { idempotencyKeyOf } from '../idempotency-key.js';
import type { IntakeQueue } from '../intake/intake-queue.js';
import { Problem } from '../problem.js';
import { aboutOrder, placedOrder } from '../request-spans.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { LINES_AT_MOST, mergeLines, OrderReceived, OrderRequest } from './order-request.js';
import type { Placement } from './placement.js';
import type { Placed } from './repetition.js';

export function placeOrderRoute(app: App, queue: IntakeQueue<Placement, Placed>): void {
  app.post(
    '/orders',
    {
      config: { room: 'orders', scope: 'orders:write' },
      schema: { body: OrderRequest, response: { 202: OrderReceived } },
      preValidation: refuseTooManyLines,
    },
    async (request, reply) => {
      const { body } = request;
      const storefrontId = storefrontOf(request);
      const idempotencyKey = idempotencyKeyOf(request);
      const { lines, faults } = mergeLines(body.lines);
      if (faults.length > 0) throw new Problem('request.invalid', 'See "errors" for what to change.', { faults });
      const fingerprint = fingerprintOf(body);
      const placed = await queue.submit({
        orderId: newId(),
        storefrontId,
        idempotencyKey,
        fingerprint,
        request: body,
        lines,
      });
      if (placed.kind === 'refused') throw placed.problem;
      const { orderId } = placed;
      if (placed.kind === 'placed') placedOrder(request, orderId);
      else aboutOrder(request, orderId);
      request.log.debug({ storefront: storefrontId, orderId, outcome: placed.kind }, 'order placed');
      if (placed.kind === 'replayed') reply.header('idempotency-replayed', 'true');
      reply.code(202).header('location', `/orders/${orderId}`);
      return { orderId, status: 'INITIATED' as const, message: 'Order received. Processing...' };
    },
  );
}

/** Before every line is looked at: naming what is wrong with each of a great many would be the caller's way to keep us busy. */
async function refuseTooManyLines({ body }: { readonly body: unknown }): Promise<void> {
  if (typeof body !== 'object' || body === null || !('lines' in body) || !Array.isArray(body.lines)) return;
  if (body.lines.length <= LINES_AT_MOST) return;
  const fault = { pointer: '/lines', detail: `has ${body.lines.length} lines; at most ${LINES_AT_MOST} are taken` };
  throw new Problem('request.invalid', 'Place several orders.', { faults: [fault] });
}
