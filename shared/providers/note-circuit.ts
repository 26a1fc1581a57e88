/** Notes in PostgreSQL when a provider's circuit opens and when it closes, for those who ask what an order waits for. */
import { v7 } from 'uuid';
import type { Logger } from '../observability/log.js';
import { reasonOf } from '../observability/reason.js';
import type { Database } from '../postgres/database.js';
import { noteClosed, noteOpen } from '../postgres/provider-circuits.js';
import type { Provider } from './provider.js';

/** @param actors those that pause for it */
export function noteCircuit(provider: Provider, actors: readonly string[], database: Database, log: Logger): void {
  const note = { holder: v7(), provider: provider.name };
  let noting = Promise.resolve();
  provider.onChange((circuit) => {
    if (circuit === 'half-open') return;
    const { lastFailure: reason, nextTryInMs } = provider;
    // One after the other, or what closed could be noted before what opened. Without the database only the note is missing.
    noting = noting
      .then(() =>
        circuit === 'open' ? noteOpen(database, note, { actors, reason, nextTryInMs }) : noteClosed(database, note),
      )
      .catch((error: unknown) => log.debug({ provider: provider.name, reason: reasonOf(error) }, 'circuit not noted'));
  });
}
