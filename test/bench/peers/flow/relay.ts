/** Sends what processes left in the outbox, whoever died. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Outbox } from './outbox.js';

const LOOK_EVERY_MS = 1000;
const AT_MOST = 100;

export async function relay(outbox: Outbox, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const swept = await outbox.sweep(AT_MOST);
      if (swept === AT_MOST) continue;
    } catch (error) {
      log.warn({ error }, 'cannot look into the outbox');
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
