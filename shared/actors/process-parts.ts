import type { Logger } from '../observability/log.js';
import type { Database } from '../postgres/database.js';
import type { BrokerConnection } from '../rabbitmq/connection.js';
import type { Publisher } from '../rabbitmq/publisher.js';
import type { Cache } from '../redis/cache.js';
import type { Keyring } from '../secrets/keyring.js';
import type { Isolation } from './isolation.js';
import type { OutboxDispatcher } from './outbox-dispatcher.js';

/** What the workers of one process share. */
export interface ProcessParts {
  readonly consuming: Pick<BrokerConnection, 'listen'>;
  readonly publisher: Publisher;
  readonly dispatcher: OutboxDispatcher;
  readonly database: Database;
  readonly cache: Pick<Cache, 'admit' | 'mark' | 'unclaim'>;
  readonly isolation: Isolation;
  /** Seals secrets and personal data, and opens them. */
  readonly keyring: Keyring;
  /** How long this process has for sending a message before the relay does, in milliseconds. */
  readonly outboxLeaseMs: number;
  readonly release: string;
  readonly log: Logger;
}
