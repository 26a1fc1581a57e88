/** Signs webhooks by the Standard Webhooks specification, symmetric: HMAC-SHA256 over `id.timestamp.body`. Pure. */
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

export interface Signed {
  /** The same at every attempt; receivers know a repetition by it. */
  readonly id: string;
  readonly at: Date;
  readonly body: string;
}

/** The headers of an attempt. @param secrets each signs; a receiver needs to know but one of them */
export function signatureHeaders({ id, at, body }: Signed, secrets: readonly string[]): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = secrets.map((secret) => `v1,${sign(secret, `${id}.${timestamp}.${body}`)}`);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

function sign(secret: string, content: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return createHmac('sha256', key).update(content).digest('base64');
}
