/**
 * Learns when orders come to a status, from outside and as it happens. A trigger that only the bench has says so by NOTIFY, which
 * PostgreSQL delivers once the transaction is committed: that is the moment from which `GET /orders/{id}` answers with the
 * status. `occurred_at` of the event log would flatter, since it is taken before the commit; server-sent events are sent four
 * times a second, and asking would load what is measured. What it costs is on the side of caution: the trigger runs in the
 * transaction, and the moment is when the bench has heard of it.
 */
import pg from 'pg';
import { connectionOptions } from '../../shared/postgres/connection-options.js';

const TRIGGER = `
  create or replace function bench_tell_status() returns trigger language plpgsql as $$
  begin
    perform pg_notify('bench_status', new.status || ' ' || new.id);
    return null;
  end $$;
  create or replace trigger bench_tell_status after update of status on orders for each row
    when (new.status is distinct from old.status) execute function bench_tell_status()`;

export class StatusWatch {
  readonly #client: pg.Client;
  readonly #heard = new Map<string, number>();

  private constructor(client: pg.Client) {
    this.#client = client;
    client.on('notification', ({ payload = '' }) => this.#heard.set(payload, performance.now()));
    // Whoever is asked about then was not heard of, which is checked.
    client.on('error', () => undefined);
  }

  static async start(databaseUrl: string): Promise<StatusWatch> {
    const client = new pg.Client(connectionOptions(databaseUrl, 'warren bench'));
    const watch = new StatusWatch(client);
    try {
      await client.connect();
      await client.query(TRIGGER);
      await client.query('listen bench_status');
      return watch;
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  /** On the clock of `performance.now()`; undefined when it did not come to the status since the watch began. */
  when(orderId: string, status: string): number | undefined {
    return this.#heard.get(`${status} ${orderId}`);
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}
