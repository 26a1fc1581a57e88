/** Where the auditor looks. Every source is read at most once, and when it is first asked for. */
import type { Rows, Statement } from '../shared/postgres/database.js';
import type { Keyring } from '../shared/secrets/keyring.js';
import type { BrokerState } from './sources/broker-state.js';
import type { MailBox } from './sources/mail-box.js';
import type { ProviderBooks } from './sources/provider-books.js';
import type { LoggedRequest } from './sources/request-log.js';
import type { SecretHunt } from './sources/secret-hunt.js';

export interface Evidence {
  /** The fleet's database, or a transaction on it: the auditor asks one thing at a time. */
  readonly database: Queryable;
  readonly scope: Scope;
  /** Opens who ordered; without it the check of whose address a mail went to is left out. */
  readonly keyring: Keyring | undefined;
  /** Actors of this release, by what they handle. */
  readonly listeners: readonly Listener[];
  /** What a process may open at PostgreSQL, as the fleet is configured. */
  readonly databaseConnections: number;
  /** Codes of dead letters that faults were injected to make. */
  readonly expectedDeadLetters: readonly string[];
  readonly sources: Sources;
}

/** @throws {NoEvidence} each of them, when there is nothing to be had */
export interface Sources {
  readonly provider: () => Promise<ProviderBooks>;
  readonly mail: () => Promise<MailBox>;
  readonly broker: () => Promise<BrokerState>;
  readonly requests: () => Promise<readonly LoggedRequest[]>;
  readonly secrets: () => Promise<SecretHunt>;
}

export interface Queryable {
  query<R extends object>(statement: Statement): Promise<Rows<R>>;
}

/** An actor, as far as it concerns who has to have handled what. */
export interface Listener {
  readonly actor: string;
  /** Full names of the messages that its queue is bound to. */
  readonly types: readonly string[];
}

/** Which orders are looked at. */
export interface Scope {
  /** Orders placed since then, and messages since then. Undefined: all. */
  readonly since?: Date;
  /**
   * Set while the fleet is at work: only orders at their end about which everything is handled, and nothing was said for so
   * long, in milliseconds. Undefined: all orders, of which a quiet fleet has none under way.
   */
  readonly settledForMs?: number;
  /** The newest so many orders. Undefined: all. */
  readonly newest?: number;
}
