/** What the plan takes for granted besides measured costs: each with where it comes from. */
import { variables } from '../../../config/environment.js';

/** What one server can do at its most. */
export interface ServerSize {
  readonly cores: number;
  /** Megabytes a second of write-ahead log that PostgreSQL keeps up with. */
  readonly walMBPerSecond: number;
  /** Sessions of PostgreSQL. */
  readonly connections: number;
  /** Of PostgreSQL's volume, in GB. */
  readonly volumeGB: number;
  /** Messages a second through one quorum queue. */
  readonly queueMessagesPerSecond: number;
}

export const SERVER: ServerSize = {
  /** A large machine that every provider rents out, not their largest. */
  cores: 32,
  /**
   * A quarter of what one network volume can be given (Amazon EBS gp3: 1,000 MiB/s): table pages, the copies of pages after a
   * checkpoint, replicas and the archive want the rest.
   */
  walMBPerSecond: 250,
  /** PostgreSQL's own default is 100; each session is a process, and beyond some hundreds a pooler is the better way. */
  connections: 500,
  /** Amazon RDS for PostgreSQL and Google Cloud SQL let a database have 64 TB at most. */
  volumeGB: 64_000,
  /**
   * A quorum queue is one Erlang process at its leader, which more cores do not make faster. Published with confirms, consumed and
   * acked through amqplib, all of it on the two cores of the bench, 21,000 to 24,600 messages a second went through.
   */
  queueMessagesPerSecond: 20_000,
};

/** Erlang, Node and Redis each carry out one queue, one process, one server's commands on one core at a time. */
export const ONE_CORE = 1;

/** Events a second up to which the plan is meant. */
export const EVENTS_AT_MOST = 100_000;

/** As many as a process opens unless told otherwise; README, Connections. */
export const CONNECTIONS = {
  postgres: {
    web: Number(variables.databaseConnections.fallback),
    worker: Number(variables.databaseConnections.fallback),
  },
  rabbitmq: { web: 1, worker: 2 },
  redis: { web: 1, worker: 1, schedulerBesides: 2 },
};

/** Days; the defaults of EVENT_LOG_DAYS and INBOX_DAYS. What else there is of an order stays. */
export const KEPT_DAYS = { eventLog: 400, inbox: 60 };

export const YEAR_DAYS = 365;

/**
 * How long RabbitMQ takes a consumer for alive that says nothing: two heartbeats of 10 s, which is what clients ask for here. One
 * whose process dies is missed at once, since its connection is closed.
 */
export const SILENT_CONSUMER_S = 20;
