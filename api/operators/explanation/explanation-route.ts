/** `GET /operator/orders/{id}/explanation`: what the order waits for, what would unblock it, and where its trace is. */
import Type from '../../../shared/messaging/typebox.js';
import { orderIdOf, orderNotFound } from '../../orders/order-id.js';
import type { App } from '../../type-provider.js';
import { viewBroker } from '../broker.js';
import type { Operating } from '../operating.js';
import { factsOf } from './evidence.js';
import { type Explanation, explain } from './explain.js';
import { type OrderTrace, orderTrace } from './order-trace.js';

export interface ExplanationAnswer extends Explanation {
  readonly trace: OrderTrace;
}

export function explanationRoute(app: App, { database, actors: actorsOf, queues, traces }: Operating): void {
  app.get(
    '/operator/orders/:id/explanation',
    { schema: { params: Type.Object({ id: Type.String() }) } },
    async ({ params }): Promise<ExplanationAnswer> => {
      const actors = await actorsOf();
      const names = actors.map(({ name }) => name);
      const orderId = orderIdOf(params);
      const facts = await factsOf(database, orderId, names);
      if (facts === undefined) throw orderNotFound();
      const broker = await viewBroker(queues, names);
      return { ...explain({ ...facts, actors, broker }), trace: orderTrace(orderId, traces) };
    },
  );
}
