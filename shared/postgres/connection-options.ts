/** Reads DATABASE_URL by one rule for every driver: knex and pg each parse it differently. */
import type { ClientConfig } from 'pg';
import { gatheringSocket } from '../sockets/gather-writes.js';
import { tlsOf } from '../sockets/tls.js';

const SECOND_MS = 1000;
const STATEMENT_TIMEOUT_MS = 30 * SECOND_MS;
/** From when a statement is asked for, also behind others. As a rule after PostgreSQL's own, which says more. */
const QUERY_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5 * SECOND_MS;

/**
 * Options of one connection. `sslmode` is `disable` (default), or `verify-full`: the certificate is one of an authority
 * that is known, for this host. `require` means the same, since who does not verify may as well not encrypt. Every timeout that pg leaves off is set.
 * @param queryTimeoutMs for an answer, where a session gives itself longer than the 30 seconds of a statement @default 35 seconds
 * @throws {TypeError} for an unknown sslmode
 */
export function connectionOptions(
  url: string,
  applicationName: string,
  queryTimeoutMs = QUERY_TIMEOUT_MS,
): ClientConfig {
  const parsed = new URL(url);
  const mode = parsed.searchParams.get('sslmode') ?? 'disable';
  if (!['disable', 'prefer', 'require', 'no-verify', 'verify-full'].includes(mode)) {
    throw new TypeError(`DATABASE_URL has sslmode=${mode}; use disable or verify-full`);
  }
  const encrypted = mode !== 'disable' && mode !== 'prefer';
  return {
    host: parsed.searchParams.get('host') ?? decodeURIComponent(parsed.hostname),
    port: Number(parsed.port || 5432),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database: decodeURIComponent(parsed.pathname.slice(1)),
    ssl: encrypted ? tlsOf(url) : false,
    application_name: applicationName,
    connectionTimeoutMillis: 5 * SECOND_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: 10 * SECOND_MS,
    idle_in_transaction_session_timeout: 30 * SECOND_MS,
    query_timeout: queryTimeoutMs,
    // Statements that are asked for together go out together, without waiting for each other's answers.
    pipeline: true,
    stream: gatheringSocket,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10 * SECOND_MS,
  };
}
