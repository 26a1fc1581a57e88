/** A virtual host of its own for a test, on the test run's real broker. */
import { randomUUID } from 'node:crypto';
import { Management } from '../../shared/rabbitmq/management.js';
import { needed } from './needed.js';

export interface TestBroker {
  readonly url: string;
  close(): Promise<void>;
}

/** Makes the virtual host through the management API. */
export async function createBroker(): Promise<TestBroker> {
  const vhost = `test-${randomUUID()}`;
  await manage('PUT', `/api/vhosts/${vhost}`);
  const url = new URL(needed('RABBITMQ_URL'));
  const user = decodeURIComponent(url.username);
  await manage('PUT', `/api/permissions/${vhost}/${user}`, { configure: '.*', write: '.*', read: '.*' });
  url.pathname = `/${vhost}`;
  return {
    url: url.href,
    close: async () => {
      await manage('DELETE', `/api/vhosts/${vhost}`);
    },
  };
}

/** Calls the management API, by default that of the test run's broker. @throws {Error} with its answer when it refuses */
export function manage(
  method: string,
  path: string,
  body?: unknown,
  url = new URL(needed('RABBITMQ_MANAGEMENT_URL')),
): Promise<unknown> {
  return new Management(url.href).call(method, path, body);
}
