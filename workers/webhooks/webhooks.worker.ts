/** Delivers what the actor of this folder has noted, by rows with a schedule of their own. */
import { Rounds } from '../../shared/actors/rounds.js';
import type { Running, Worker } from '../../shared/actors/worker.js';
import type { Database } from '../../shared/postgres/database.js';
import { on } from '../../shared/privileges/needs.js';
import { Audience } from './audience.js';
import { Deliverer } from './deliverer.js';
import { WebhookSettings } from './settings.js';
import { spreadEvents } from './spread.js';
import { forget, report } from './upkeep.js';

const IDLE_MS = 1000;
/** Where there is something to do there is more of it soon. */
const BUSY_MS = 50;
const REPORT_MS = 15_000;
/** For writing down what was broken off. */
const AFTER_GRACE_MS = 2000;

export const worker: Worker = {
  needs: {
    tables: [
      on('notices', 'select', 'insert', 'update', 'delete'),
      { table: 'orders', verbs: ['select'], columns: ['id', 'storefront_id', 'reference'] },
      on('webhook_deliveries', 'select', 'insert', 'update', 'delete'),
      on('webhook_endpoints', 'select', 'update', 'delete'),
      on('webhook_events', 'select', 'insert', 'update', 'delete'),
    ],
  },
  start(parts, _environment, container): Running {
    const { database, log } = parts;
    const settings = container.resolve<WebhookSettings>(WebhookSettings);
    const audience = container.resolve(Audience);
    const deliverer = new Deliverer(parts, settings.attempts, settings);
    const delivering = new Rounds(
      'webhooks',
      async () => {
        const { anybody, anything } = await look(database);
        audience.learn(anybody);
        if (!anybody && !anything) return IDLE_MS;
        const spread = await spreadEvents(database);
        const begun = await deliverer.begin();
        return spread + begun > 0 ? BUSY_MS : IDLE_MS;
      },
      log,
    );
    const upkeep = new Rounds(
      'upkeep of webhooks',
      async () => {
        await report(database);
        const { pending } = await forget(database, settings.keepDays);
        if (pending > 0)
          log.warn(
            { webhooks: pending },
            'webhooks are forgotten that waited too long for endpoints that are disabled or to which nothing could be sent',
          );
        return REPORT_MS;
      },
      log,
    );
    return {
      readiness: () => true,
      async stop(graceMs) {
        await Promise.all([delivering.stop(), upkeep.stop()]);
        await deliverer.stop(Math.max(0, graceMs - AFTER_GRACE_MS));
      },
    };
  },
};

/** Whether there are endpoints, deleted ones included until they are forgotten, and events to spread. */
async function look(database: Database): Promise<{ readonly anybody: boolean; readonly anything: boolean }> {
  const { rows } = await database.query<{ anybody: boolean; anything: boolean }>({
    name: 'webhooks-look',
    text: `select exists (select from webhook_endpoints) as anybody, exists (select from webhook_events) as anything`,
  });
  return rows[0] ?? { anybody: true, anything: true };
}
