/** `/healthz`, `/readyz` and `/metrics`; no key is needed. */
import { register } from 'prom-client';
import Type from '../shared/messaging/typebox.js';
import { checkReadiness, type Readiness } from '../shared/observability/health.js';
import type { App } from './type-provider.js';

export interface Health {
  /** Without these nothing can be taken in. */
  readonly needed: Readiness;
  /** Without these orders are taken in, and wait. */
  readonly wanted: Readiness;
}

const Ready = Type.Object({
  status: Type.Enum(['ok', 'degraded', 'unavailable']),
  ready: Type.Boolean(),
  /** `ok`, or why not. */
  checks: Type.Record(Type.String(), Type.String()),
});
const READY = {
  schema: {
    open: true,
    summary: 'Whether orders can be taken in',
    response: { 200: Ready, 503: Ready },
    media: { 503: ['application/json'] },
  },
};

export function healthRoutes(app: App, { needed, wanted }: Health): void {
  app.get('/healthz', { schema: { open: true, summary: 'Whether the process answers' } }, async () => ({
    status: 'ok',
  }));
  app.get('/readyz', READY, async (_request, reply) => {
    const [must, may] = await Promise.all([checkReadiness(needed), checkReadiness(wanted)]);
    const status = !must.ready ? ('unavailable' as const) : may.ready ? ('ok' as const) : ('degraded' as const);
    reply.code(must.ready ? 200 : 503).header('cache-control', 'no-store');
    return { status, ready: must.ready, checks: { ...must.checks, ...may.checks } };
  });
  app.get(
    '/metrics',
    {
      schema: {
        open: true,
        summary: 'What is counted and measured, as Prometheus text',
        media: { 200: ['text/plain'] },
      },
    },
    async (_request, reply) => reply.type(register.contentType).send(await register.metrics()),
  );
}
