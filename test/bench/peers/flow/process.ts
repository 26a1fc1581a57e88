/** One process of a peer, from its start to SIGTERM: `start.js web`, `start.js relay`, or the name of a worker. */
import { createServer } from 'node:http';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { register } from 'prom-client';
import type { Connect } from './broker.js';
import { openPool } from './database.js';
import { delivery, type Steps } from './delivery.js';
import { intake } from './intake.js';
import { Mailer } from './mailer.js';
import { Outbox } from './outbox.js';
import { Provider } from './provider.js';
import { relay } from './relay.js';
import { readSettings, type Settings } from './settings.js';
import { emailSteps } from './steps/email.js';
import { inventorySteps } from './steps/inventory.js';
import { ordersSteps } from './steps/orders.js';
import { paymentSteps } from './steps/payment.js';
import { shippingSteps } from './steps/shipping.js';
import { WORKERS, type WorkerName } from './topology.js';

const STOP_WITHIN_MS = 25_000;

export async function run(connect: Connect, role = process.argv[2] ?? ''): Promise<void> {
  const settings = readSettings();
  const log = pino({ level: settings.logLevel, base: { role } });
  const pool = openPool(settings.databaseUrl, log);
  const lost = (reason: string): void => {
    log.fatal({ reason }, 'lost the broker');
    process.exit(1);
  };
  const worker = WORKERS.find((name) => name === role);
  const work = worker && stepsOf(worker, settings, pool);
  const broker = await connect({
    url: settings.rabbitmqUrl,
    name: `peer ${role}`,
    log,
    lost,
    consuming: worker &&
      work && {
        worker,
        deliverBy: (publish) =>
          delivery({ worker, steps: work.steps, pool, outbox: new Outbox(pool, publish, log), log }),
      },
  });
  const outbox = new Outbox(pool, broker.publish, log);
  const stop: (() => unknown)[] = [];
  let ready = false;

  if (role === 'web') {
    const app = intake({ pool, outbox, log, ready: () => ready });
    await app.listen({ host: settings.host, port: Number(process.env['PORT']) });
    stop.push(() => app.close());
  } else {
    const health = createServer(async ({ url }, response) => {
      if (url === '/metrics') response.end(await register.metrics());
      else response.writeHead(ready ? 200 : 503).end();
    });
    health.listen(Number(process.env['HEALTH_PORT']), settings.host);
    stop.push(() => health.close());
  }
  if (role === 'relay') {
    const stopping = new AbortController();
    const relaying = relay(outbox, log, stopping.signal);
    stop.push(async () => {
      stopping.abort();
      await relaying;
    });
  }
  stop.push(
    () => broker.close(),
    () => work?.close(),
    () => pool.end(),
  );
  ready = true;
  log.info('ready');
  process.once('SIGTERM', async () => {
    ready = false;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    for (const step of stop) await step();
    log.info('stopped');
    process.exit(0);
  });
}

/** What a worker does with its messages, and how to let go of what that takes. */
function stepsOf(worker: WorkerName, settings: Settings, pool: Pool): { steps: Steps; close: () => unknown } {
  switch (worker) {
    case 'orders':
      return { steps: ordersSteps, close: () => undefined };
    case 'inventory':
      return { steps: inventorySteps, close: () => undefined };
    case 'payment': {
      const provider = new Provider(settings.paymentUrl, settings.paymentKey);
      return { steps: paymentSteps(pool, provider), close: () => provider.close() };
    }
    case 'shipping': {
      const carrier = new Provider(settings.carrierUrl, settings.carrierKey);
      return { steps: shippingSteps(carrier), close: () => carrier.close() };
    }
    case 'email': {
      const mailer = new Mailer(settings.smtpUrl, settings.mailFrom);
      return { steps: emailSteps(mailer), close: () => mailer.close() };
    }
  }
}
