/** `GET /operator/topology`: how what is live differs from what this release declares. `POST /operator/topology/apply`: makes it so, for some seconds at a time. */
import { planTopology } from '../../../shared/rabbitmq/live-topology.js';
import { BrokerUnreached, withConnection } from '../../../shared/rabbitmq/own-connection.js';
import { applyTopology } from '../../../shared/rabbitmq/topology-apply.js';
import { TopologyBusy } from '../../../shared/rabbitmq/topology-lock.js';
import { Problem } from '../../problem.js';
import type { App } from '../../type-provider.js';
import { change, ReasonBody } from '../change.js';
import type { Operating } from '../operating.js';
import { viewOf } from './broker-topology.js';
import { OperatorsHold } from './queue-hold.js';

/** Routers give up on an answer after 30 s. Whoever asks again goes on where this left off. */
const AT_A_TIME_MS = 15_000;

export function topologyRoutes(app: App, { database, actors: actorsOf, topology }: Operating): void {
  const plan = async () => {
    const declared = await topology.declared();
    return withConnection(topology.urls, (connection) => planTopology(connection, declared, viewOf(topology)));
  };

  app.get('/operator/topology', () => plan().catch(refuse));
  app.post('/operator/topology/apply', { schema: { body: ReasonBody } }, async (request) => {
    const { reason } = request.body;
    try {
      const { differences } = await plan();
      // Noted before: what is done at the broker is in no transaction with it.
      if (differences.length > 0) {
        const details = () => ({ differences: differences.map(({ says }) => says) });
        await change(database, request, { action: 'apply', thing: 'topology', reason, details }, async () => undefined);
      }
      const actors = (await actorsOf()).map(({ name }) => name);
      return await applyTopology({
        urls: topology.urls,
        declared: await topology.declared(),
        view: viewOf(topology),
        hold: new OperatorsHold(database, request, { actors, reason }),
        untilMs: Date.now() + AT_A_TIME_MS,
      });
    } catch (error) {
      return refuse(error);
    }
  });
}

/** A connection is tried anew within this many seconds. */
const UNSEEN_S = 15;

/** @throws {Problem} `topology.busy`, or `topology.unseen`; else what it was */
function refuse(error: unknown): never {
  if (error instanceof TopologyBusy) throw new Problem(error.code, `${error.message}.`, { cause: error });
  if (error instanceof BrokerUnreached)
    throw new Problem(error.code, `${error.message}.`, { cause: error, retryAfterS: UNSEEN_S });
  throw error;
}
