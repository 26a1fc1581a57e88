/** Circuits that are open, as their processes note them. Only what is ill costs a statement: each time a circuit opens, and when it closes. */
import type { Database, Transaction } from './database.js';

/** While something waits for the provider, the try comes when it is due and opens the circuit again; what is older was left by a process that ended. */
const BELIEVED_FOR_MS = 30_000;

export interface OpenCircuit {
  readonly provider: string;
  /** Those that pause for it. */
  readonly actors: readonly string[];
  /** What its last failure was. */
  readonly reason: string | null;
  readonly openedAt: Date;
  readonly nextTryAt: Date;
}

export interface CircuitNote {
  /** The process. */
  readonly holder: string;
  readonly provider: string;
}

/** Notes that a circuit is open. It stays open since it first was, however often it is tried. */
export async function noteOpen(
  database: Database,
  { holder, provider }: CircuitNote,
  {
    actors,
    reason,
    nextTryInMs,
  }: { readonly actors: readonly string[]; readonly reason: string | undefined; readonly nextTryInMs: number },
): Promise<void> {
  await database.query({
    text: `insert into provider_circuits (holder, provider, actors, reason, next_try_at)
           values ($1, $2, $3::text[], $4, now() + $5 * interval '1 millisecond')
           on conflict (holder, provider) do update set reason = excluded.reason, next_try_at = excluded.next_try_at`,
    values: [holder, provider, actors, reason ?? null, nextTryInMs],
  });
}

/** Forgets it, and with it what processes that ended have left. */
export async function noteClosed(database: Database, { holder, provider }: CircuitNote): Promise<void> {
  await database.query({
    text: `delete from provider_circuits where holder = $1 and provider = $2
           or next_try_at < now() - $3 * interval '1 millisecond'`,
    values: [holder, provider, BELIEVED_FOR_MS],
  });
}

export async function openCircuits(database: Transaction): Promise<OpenCircuit[]> {
  const { rows } = await database.query<OpenCircuit>({
    text: `select provider, actors, min(reason) as reason, min(opened_at) as "openedAt", min(next_try_at) as "nextTryAt"
           from provider_circuits where next_try_at >= now() - $1 * interval '1 millisecond' group by 1, 2 order by 1`,
    values: [BELIEVED_FOR_MS],
  });
  return rows;
}
