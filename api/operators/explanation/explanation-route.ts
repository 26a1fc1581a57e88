/** `GET /operator/orders/{id}/explanation`: what the order waits for, and what would unblock it. */
import Type from 'typebox';
import { orderIdOf, orderNotFound } from '../../orders/order-id.js';
import type { App } from '../../type-provider.js';
import { viewBroker } from '../broker.js';
import type { Operating } from '../operating.js';
import { factsOf } from './evidence.js';
import { explain } from './explain.js';

export function explanationRoute(app: App, { database, actors: actorsOf, queues }: Operating): void {
  app.get(
    '/operator/orders/:id/explanation',
    { schema: { params: Type.Object({ id: Type.String() }) } },
    async ({ params }) => {
      const actors = await actorsOf();
      const names = actors.map(({ name }) => name);
      const facts = await factsOf(database, orderIdOf(params), names);
      if (facts === undefined) throw orderNotFound();
      const broker = await viewBroker(queues, names);
      return explain({ ...facts, actors, broker });
    },
  );
}
