/** Puts the articles of a file into the catalogue and on the shelves. Doing it again changes nothing. */
import { LoadFault } from './load-fault.js';
import { atMost } from './pace.js';
import type { PlannedStock } from './requests.js';
import type { Storefront } from './storefront.js';
import { untilDefinite } from './until-definite.js';

const CURRENCY = 'GBP';

export interface SetUpOptions {
  readonly storefront: Storefront;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onDone: () => void;
}

/** @throws {LoadFault} naming a SKU that the intake does not take, and why */
export async function setUpStock(
  stock: readonly PlannedStock[],
  { storefront, concurrency, signal, onDone }: SetUpOptions,
): Promise<void> {
  await atMost(stock, concurrency, signal, async ({ sku, name, price, received, idempotencyKey }) => {
    const put = await untilDefinite(() => storefront.putProduct(sku, name, { amount: price, currency: CURRENCY }), {
      signal,
    });
    if (put.kind !== 'accepted') throw notTaken(sku, put, signal);
    if (received > 0) {
      const receipt = await untilDefinite(() => storefront.receive(sku, received, idempotencyKey), { signal });
      if (receipt.kind !== 'accepted') throw notTaken(sku, receipt, signal);
    }
    onDone();
  });
  if (signal.aborted) throw new LoadFault('Stopped while the catalogue was being set up.');
}

function notTaken(
  sku: string,
  answer: { readonly reason: string; readonly detail?: string },
  signal: AbortSignal,
): LoadFault {
  if (signal.aborted) return new LoadFault('Stopped while the catalogue was being set up.');
  const { reason, detail = '' } = answer;
  return new LoadFault(`The intake does not take ${sku} into the catalogue: ${reason} ${detail}`.trimEnd());
}
