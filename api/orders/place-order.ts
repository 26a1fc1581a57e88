/**
 * `POST /orders`: accepts an order once it is stored, and not before. Whoever prefers to wait is told what became of it, if that is
 * known in time.
 */

import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { newId } from '../../shared/messaging/message-id.js';
import { tagAnswer } from '../entity-tag.js';
import { fingerprintOf } from '../fingerprint.js';
import { idempotencyKeyOf } from '../idempotency-key.js';
import { leavePlace } from '../intake/admission.js';
import { noteWait } from '../preferred-wait.js';
import { Problem } from '../problem.js';
import { aboutOrder, placedOrder } from '../request-spans.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import type { AwaitedOrders } from './awaited-orders.js';
import type { OwnOrder } from './find-order.js';
import type { Refusal } from './idempotency-claims.js';
import type { OrderQueue } from './order-queue.js';
import { LINES_AT_MOST, mergeLines, OrderReceived, OrderRequest } from './order-request.js';
import { OrderView } from './order-view.js';
import { type Answered, appliedOf, type Patience, patienceOf } from './patience.js';
import type { Placement } from './placement.js';

export function placeOrderRoute(app: App, queue: OrderQueue, awaited: AwaitedOrders): void {
  app.post(
    '/orders',
    {
      config: { room: 'orders', scope: 'orders:write' },
      schema: {
        summary: 'Place an order',
        description:
          'Answered with 202 when the order is stored, not when it is done; with `Prefer: wait=N` with 201 and the order, when it is confirmed or cancelled within N seconds. Lines that name one SKU are merged: their quantities are added up, at the place of the first. A SKU may come to 1,000,000 pieces.',
        takes: ['Idempotency-Key', 'Prefer'],
        body: OrderRequest,
        response: { 201: OrderView, 202: OrderReceived },
        gives: {
          201: ['Location', 'Content-Location', 'ETag', 'Idempotency-Replayed', 'Preference-Applied'],
          202: ['Location', 'Idempotency-Replayed', 'Preference-Applied'],
        },
        problems: ['order.unknown-sku', 'order.mixed-currencies', 'order.total-out-of-range', 'intake.outcome-unknown'],
      },
      preValidation: refuseTooManyLines,
      onSend: tagAnswer,
    },
    async (request, reply) => {
      const storefrontId = storefrontOf(request);
      // Here nothing is kept of the body, which may be large and be waited with for long.
      const placed = await queue.submit(placementOf(request.body, storefrontId, idempotencyKeyOf(request)));
      if (placed.kind === 'refused') throw placed.problem;
      if (placed.kind === 'refused-before') return refuseAgain(reply, placed.refusal);
      const { orderId } = placed;
      if (placed.kind === 'placed') placedOrder(request, orderId);
      else aboutOrder(request, orderId);
      request.log.debug({ storefront: storefrontId, orderId, outcome: placed.kind }, 'order placed');
      if (placed.kind === 'replayed') reply.header('idempotency-replayed', 'true');
      reply.header('location', `/orders/${orderId}`);
      const patience = patienceOf(request.headers['prefer']);
      const { answered, order } = await waited(awaited, patience, { orderId, storefrontId }, request, reply);
      const applied = appliedOf(patience, answered);
      if (applied !== undefined) reply.header('preference-applied', applied);
      if (order !== undefined) return reply.code(201).header('content-location', `/orders/${orderId}`).send(order);
      return reply.code(202).send({ orderId, status: 'INITIATED', message: 'Order received. Processing...' });
    },
  );
}

/** @throws {Problem} `request.invalid` when merged lines come to too many pieces */
function placementOf(request: OrderRequest, storefrontId: string, idempotencyKey: string): Placement {
  const { lines, faults } = mergeLines(request.lines);
  if (faults.length > 0) throw new Problem('request.invalid', 'See "errors" for what to change.', { faults });
  return { orderId: newId(), storefrontId, idempotencyKey, fingerprint: fingerprintOf(request), request, lines };
}

/** Waits for the order as long as is preferred, without a place among the requests under way. */
async function waited(
  awaited: AwaitedOrders,
  { waitS }: Patience,
  order: OwnOrder,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<{ readonly answered: Answered; readonly order?: OrderView }> {
  if (waitS === undefined) return { answered: 'unawaited' };
  const begunMs = reply.elapsedTime;
  const waitMs = waitS * 1000 - begunMs;
  if (waitMs <= 0) return { answered: 'late' };
  leavePlace(request);
  // It is stored; a great many large ones would be kept for nothing.
  request.body = undefined;
  const outcome = await awaited.decided(order, waitMs, reply);
  noteWait(request, reply.elapsedTime - begunMs);
  if (outcome.kind === 'decided') return { answered: 'decided', order: outcome.order };
  return { answered: outcome.kind === 'late' ? 'late' : 'unawaited' };
}

/** To the byte what was told before, whatever a release since then says of it. */
function refuseAgain(reply: FastifyReply, { status, body }: Refusal): FastifyReply {
  return reply
    .header('idempotency-replayed', 'true')
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify(body));
}

/** Before every line is looked at: naming what is wrong with each of a great many would be the caller's way to keep us busy. */
function refuseTooManyLines(
  { body }: { readonly body: unknown },
  _reply: FastifyReply,
  done: HookHandlerDoneFunction,
): void {
  const lines = typeof body === 'object' && body !== null && 'lines' in body ? body.lines : undefined;
  const count = Array.isArray(lines) ? lines.length : 0;
  const fault = { pointer: '/lines', detail: `has ${count} lines; at most ${LINES_AT_MOST} are taken` };
  done(
    count > LINES_AT_MOST ? new Problem('request.invalid', 'Place several orders.', { faults: [fault] }) : undefined,
  );
}
