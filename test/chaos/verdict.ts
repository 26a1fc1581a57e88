/** What is left when the faults are healed and the fleet is quiet: every invariant, and when each order ended. */
import { audit, type Verdict } from '../../audit/auditor.js';
import type { Evidence } from '../../audit/evidence.js';
import { listenersOfFleet } from '../../audit/listeners.js';
import { once } from '../../audit/no-evidence.js';
import { untilQuiet } from '../../audit/quiet.js';
import { brokerState } from '../../audit/sources/broker-state.js';
import { sinkMails } from '../../audit/sources/mail-box.js';
import { requestsIn } from '../../audit/sources/request-log.js';
import { sandboxBooks } from '../../audit/sources/sandbox-provider.js';
import type { Database } from '../../shared/postgres/database.js';
import { redisContents } from '../../shared/redis/contents.js';
import { testKeyring } from '../support/keyring.js';
import type { OrderTimes } from './recovery.js';
import type { System } from './system.js';

/** Of each process, unless it is told otherwise. */
const DATABASE_CONNECTIONS = 2;

export interface Judgement {
  readonly verdicts: readonly Verdict[];
  /** What was still under way when the patience was over. */
  readonly underWay: readonly string[];
}

/** @param requestLog what the load was told */
export async function judge(
  system: System,
  requestLog: string,
  quietWithinMs: number,
  signal: AbortSignal,
): Promise<Judgement> {
  const { database, fleet, servers } = system;
  const lookAtBroker = () => brokerState(servers.managementUrl, servers.brokerUrls[0] ?? '');
  const evidence: Evidence = {
    database,
    scope: {},
    keyring: testKeyring,
    listeners: await listenersOfFleet(),
    databaseConnections: DATABASE_CONNECTIONS,
    // Servers and processes that come and go are no reason for any.
    expectedDeadLetters: [],
    sources: {
      provider: once(() => sandboxBooks([fleet.providerUrl])),
      mail: once(() => sinkMails(fleet.mailSinkUrl)),
      broker: once(lookAtBroker),
      requests: once(() => requestsIn(requestLog)),
      secrets: async () => ({
        secrets: fleet.secrets,
        logs: fleet.logs,
        redis: () => redisContents(servers.redisUrl),
      }),
    },
  };
  const underWay = await untilQuiet(evidence, lookAtBroker, quietWithinMs, signal);
  return { verdicts: await audit(evidence), underWay };
}

/** Of every order, by the event log. */
export async function orderTimes(database: Database): Promise<OrderTimes[]> {
  const { rows } = await database.query<{ placedAt: Date; endedAt: Date | null }>({
    text: `select placed_at as "placedAt", (
             select min(occurred_at) from event_log
             where correlation_id = orders.id and type in ('shipping.order-shipped', 'orders.order-cancelled')
           ) as "endedAt" from orders`,
  });
  return rows.map(({ placedAt, endedAt }) => ({
    placedAt: placedAt.getTime(),
    endedAt: endedAt?.getTime(),
  }));
}
