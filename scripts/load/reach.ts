/** Makes sure, before anything is changed, that Warren answers and knows the key. */
import { LoadFault } from './load-fault.js';
import type { Storefront } from './storefront.js';
import { untilDefinite } from './until-definite.js';

/** For an intake that is just starting, or whose database is just coming back, in milliseconds. */
const REACHED_WITHIN_MS = 10_000;

/** @throws {LoadFault} */
export async function reach(storefront: Storefront, url: string, signal: AbortSignal): Promise<void> {
  const first = await storefront.look();
  if (first.kind === 'accepted') return;
  // Nobody there is told at once; somebody who asks for patience gets some.
  const answer =
    first.kind === 'refused' || isNetworkCode(first.reason)
      ? first
      : await untilDefinite(() => storefront.look(), { giveUpAfterMs: REACHED_WITHIN_MS, signal });
  if (answer.kind === 'accepted') return;
  const { reason } = answer;
  if (reason === 'request.unauthenticated') {
    throw new LoadFault(
      `${url} refuses the key. Give that of a storefront with --key; \`node dist/scripts/storefront.js add NAME\` makes one, and npm start has one for development`,
    );
  }
  if (isNetworkCode(reason)) {
    throw new LoadFault(
      `Nothing answers at ${url} (${reason}). Start the fleet with npm start, or say with --url where it is`,
    );
  }
  throw new LoadFault(
    `What answers at ${url} is not a Warren that takes orders (${reason}). Say with --url where one is`,
  );
}

/** Such as ECONNREFUSED; the codes of problems are written small. */
const isNetworkCode = (reason: string): boolean => /^[A-Z][A-Z0-9_]+$/.test(reason);
