/** Talks to the payment provider: holds the order's total, charges it, and gives it back. */
import type { Pool } from 'pg';
import type { Steps } from '../delivery.js';
import type { Provider } from '../provider.js';

const DECLINED = 402;

export function paymentSteps(pool: Pool, provider: Provider): Steps {
  return {
    'orders.order-placed': async ({ orderId, total }) => {
      const { status, token } = await paymentOf(pool, orderId);
      if (status !== 'requested') return async () => [];
      const answer = await provider.post(
        '/payments/authorizations',
        { orderId, ...total, token },
        `${orderId}:authorize`,
        [DECLINED],
      );
      if (answer.status === DECLINED) {
        const reason = String(answer.body['reason']);
        return async (transaction) => {
          await transaction.query({
            name: 'payment-declined',
            text: `update payments set status = 'declined', token = null, reason = $2 where order_id = $1`,
            values: [orderId, reason],
          });
          return [{ name: 'payment.payment-declined', payload: { orderId, reason } }];
        };
      }
      const authorizationId = String(answer.body['id']);
      return async (transaction) => {
        await transaction.query({
          name: 'payment-authorized',
          text: `update payments set status = 'authorized', token = null, authorization_id = $2 where order_id = $1`,
          values: [orderId, authorizationId],
        });
        return [{ name: 'payment.payment-authorized', payload: { orderId, amount: total, authorizationId } }];
      };
    },

    'orders.order-confirmed': async ({ orderId, total }) => {
      await provider.post('/payments/captures', { orderId, amount: total.amount }, `${orderId}:capture`);
      return async (transaction) => {
        await transaction.query({
          name: 'payment-captured',
          text: `update payments set status = 'captured' where order_id = $1`,
          values: [orderId],
        });
        return [{ name: 'payment.payment-captured', payload: { orderId, amount: total } }];
      };
    },

    'orders.order-cancelled': async ({ orderId }) => {
      const { status } = await paymentOf(pool, orderId);
      // An authorization that is under way has to be settled before it can be given up.
      if (status === 'requested') throw new Error(`the payment of order ${orderId} is being authorized`);
      if (status !== 'authorized') return async () => [];
      await provider.post('/payments/voids', { orderId }, `${orderId}:void`);
      return async (transaction) => {
        await transaction.query({
          name: 'payment-voided',
          text: `update payments set status = 'voided' where order_id = $1`,
          values: [orderId],
        });
        return [{ name: 'payment.payment-voided', payload: { orderId } }];
      };
    },
  };
}

async function paymentOf(
  pool: Pool,
  orderId: string,
): Promise<{ readonly status: string; readonly token: string | null }> {
  const { rows } = await pool.query<{ status: string; token: string | null }>({
    name: 'payment-by-order',
    text: 'select status, token from payments where order_id = $1',
    values: [orderId],
  });
  if (rows[0] === undefined) throw new Error(`the payment of order ${orderId} is not stored`);
  return rows[0];
}
