/** Puts a message into a queue that is no message of Warren, but has an id, so that its letter can be redriven. */
import { newId } from '../../shared/messaging/message-id.js';
import { manage } from '../support/broker.js';
import type { Deployment } from '../support/deployment.js';

export async function poison({ brokerUrl }: Deployment, queue: string): Promise<void> {
  const vhost = new URL(brokerUrl).pathname.slice(1);
  const { routed } = (await manage('POST', `/api/exchanges/${vhost}/amq.default/publish`, {
    properties: { message_id: newId() },
    routing_key: queue,
    payload: 'this is not JSON',
    payload_encoding: 'string',
  })) as { routed: boolean };
  if (!routed) throw new Error(`there is no queue ${queue}`);
}
