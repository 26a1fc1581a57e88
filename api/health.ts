/** `/healthz`, `/readyz` and `/metrics`; no key is needed. */
import { register } from 'prom-client';
import { checkReadiness, type Readiness } from '../shared/observability/health.js';
import type { App } from './type-provider.js';

export interface Health {
  /** Without these nothing can be taken in. */
  readonly needed: Readiness;
  /** Without these orders are taken in, and wait. */
  readonly wanted: Readiness;
}

export function healthRoutes(app: App, { needed, wanted }: Health): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const [must, may] = await Promise.all([checkReadiness(needed), checkReadiness(wanted)]);
    const status = !must.ready ? 'unavailable' : may.ready ? 'ok' : 'degraded';
    reply.code(must.ready ? 200 : 503).header('cache-control', 'no-store');
    return { status, ready: must.ready, checks: { ...must.checks, ...may.checks } };
  });
  app.get('/metrics', async (_request, reply) => reply.type(register.contentType).send(await register.metrics()));
}
