/** `GET /operator/audit`: what the last hourly audit found, by invariant. */
import { auditResults } from '../../shared/postgres/audit-results.js';
import type { Database } from '../../shared/postgres/database.js';
import type { App } from '../type-provider.js';

export function auditRoute(app: App, database: Database): void {
  app.get('/operator/audit', async () => ({ items: await auditResults(database) }));
}
