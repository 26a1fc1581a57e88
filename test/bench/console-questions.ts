/** Everything that a screen of the console asks for, and how long each answer takes. */
import { setTimeout as pause } from 'node:timers/promises';
import { percentiles } from '../../scripts/load/summary.js';
import type { Filled } from './console-tables.js';

/** Questions by what they are about. Those that look for orders are asked for what is frequent, for what is rare and for what is not there. */
export function questionsAbout({ shipped, failing, midday, letter, replay }: Filled): ReadonlyMap<string, string> {
  const cursor = Buffer.from(midday).toString('base64url');
  return new Map([
    ['status', '/status'],
    ['queues', '/queues'],
    ['orders', '/orders?limit=50'],
    ['orders, older ones', `/orders?limit=50&cursor=${cursor}`],
    ['orders by reference', '/orders?limit=50&reference=bench-4711'],
    ['orders by reference, none', '/orders?limit=50&reference=nowhere'],
    ['orders by customer', '/orders?limit=50&email=customer-4711@example.com'],
    ['orders by customer, of many', '/orders?limit=50&email=frequent@example.com'],
    ['orders by customer, none', '/orders?limit=50&email=nobody@example.com'],
    ['orders by customer and state', '/orders?limit=50&email=frequent@example.com&status=INITIATED'],
    ['orders by state', '/orders?limit=50&status=SHIPPED'],
    ['orders by state, rare', '/orders?limit=50&status=CONFIRMED'],
    ['orders by reason', '/orders?limit=50&reason=payment-declined'],
    ['orders by reason, none', '/orders?limit=50&reason=shipment-refused'],
    ['orders by SKU', '/orders?limit=50&sku=BENCH-00042'],
    ['orders by SKU, none', '/orders?limit=50&sku=BENCH-99999'],
    ['orders by age', '/orders?limit=50&olderThan=12h'],
    ['orders by age and state', '/orders?limit=50&olderThan=15m&status=PAID'],
    ['order', `/orders/${shipped}`],
    ['order, explained', `/orders/${shipped}/explanation`],
    ['order, its messages', `/orders/${shipped}/messages`],
    ['failing order', `/orders/${failing}`],
    ['failing order, explained', `/orders/${failing}/explanation`],
    ['failing order, its messages', `/orders/${failing}/messages`],
    ['letters by kind', '/dead-letters/groups'],
    ['letters of a worker by kind', '/dead-letters/groups?actor=shipping'],
    ['letters', '/dead-letters?limit=50'],
    ['letters of a worker', '/dead-letters?limit=50&actor=email'],
    ['letters of a kind', '/dead-letters?limit=50&fingerprint=kind-0'],
    ['letters redriven', '/dead-letters?limit=50&status=redriven'],
    ['letters of an order', `/dead-letters?order=${failing}`],
    ['letter', `/dead-letters/${letter}`],
    ['redrives', '/redrive-jobs?limit=10'],
    ['audit', '/audit'],
    ['actions', '/actions?limit=50'],
    ['actions on a thing', `/actions?limit=50&thing=order&thingId=${failing}`],
    ['replays', '/replays'],
    ['replay', `/replays/${replay}`],
  ]);
}

/** So that no answer is that of a fleet which is asked as fast as it can answer. */
const REST_MS = 20;

/** The 95th percentile of so many answers, in milliseconds. @throws {Error} at the first that is no success */
export async function timeOf(
  url: string,
  {
    times,
    headers,
    signal,
  }: { readonly times: number; readonly headers: Record<string, string>; readonly signal: AbortSignal },
): Promise<number> {
  const took: number[] = [];
  while (took.length < times) {
    await pause(REST_MS, undefined, { signal });
    const askedAt = performance.now();
    const answer = await fetch(url, { headers, signal });
    const text = await answer.text();
    took.push(performance.now() - askedAt);
    if (!answer.ok) throw new Error(`GET ${url} was answered with ${answer.status}: ${text}`);
  }
  return percentiles(took).p95;
}

/** Until the first look of the stream that feeds overview and flow has come, in milliseconds. */
export async function firstLook(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<number> {
  const askedAt = performance.now();
  const answer = await fetch(`${url}/status/events`, { headers, signal });
  if (!answer.ok || answer.body === null)
    throw new Error(`the stream of the status was answered with ${answer.status}`);
  const decoder = new TextDecoder();
  let heard = '';
  for await (const part of answer.body) {
    heard += decoder.decode(part, { stream: true });
    if (/^event: (status|silent)$/m.test(heard) && heard.includes('\n\n')) break;
  }
  if (!heard.includes('event: status')) throw new Error(`the stream said: ${heard}`);
  return performance.now() - askedAt;
}
