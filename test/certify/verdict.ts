/** The audit of the fleet that was certified. */
import { audit, type Verdict } from '../../audit/auditor.js';
import type { Evidence } from '../../audit/evidence.js';
import { listenersOfFleet } from '../../audit/listeners.js';
import { leftOut, once } from '../../audit/no-evidence.js';
import { untilQuiet } from '../../audit/quiet.js';
import { brokerState } from '../../audit/sources/broker-state.js';
import { sinkMails } from '../../audit/sources/mail-box.js';
import { sandboxBooks } from '../../audit/sources/sandbox-provider.js';
import type { Deployment } from '../support/deployment.js';
import { testKeyring } from '../support/keyring.js';
import { needed } from '../support/needed.js';

const DATABASE_CONNECTIONS = 2;

interface AuditOptions {
  /** Codes of those that may stand. @default those that certification plants */
  readonly expectedDeadLetters?: readonly string[];
  /** Left out, it need not be waited for until the broker has counted. @default false */
  readonly withoutBroker?: boolean;
}

/** Waits for quiet, and computes every invariant. What is still under way when the time is over is said too. */
export async function auditOf(
  { database: { database }, brokerUrl, providerUrl, sinkUrl }: Deployment,
  quietWithinMs: number,
  { expectedDeadLetters = ['message.no-id', 'broker.delivery-limit'], withoutBroker = false }: AuditOptions = {},
): Promise<{ readonly verdicts: readonly Verdict[]; readonly underWay: readonly string[] }> {
  const lookAtBroker = withoutBroker
    ? leftOut('its queues are looked at without it')
    : () => brokerState(needed('RABBITMQ_MANAGEMENT_URL'), brokerUrl);
  const evidence: Evidence = {
    database,
    scope: {},
    keyring: testKeyring,
    listeners: await listenersOfFleet(),
    databaseConnections: DATABASE_CONNECTIONS,
    expectedDeadLetters,
    sources: {
      provider: once(() => sandboxBooks([providerUrl, providerUrl])),
      mail: once(() => sinkMails(sinkUrl)),
      broker: once(lookAtBroker),
      requests: leftOut('nobody kept a log of the requests'),
      secrets: leftOut('a test of its own looks for secrets'),
    },
  };
  const underWay = await untilQuiet(evidence, lookAtBroker, quietWithinMs);
  return { verdicts: await audit(evidence), underWay };
}
