import { expect } from 'chai';
import { OtlpReceiver } from '../../test/support/otlp-receiver.js';
import { startScriptedHttp } from '../../test/support/scripted-http.js';
import { until } from '../../test/support/until.js';
import { placingOf } from '../messaging/trace-context.js';
import { createLogger } from './log.js';
import { otlpTracing } from './otlp.js';
import type { Span } from './span.js';

const context = placingOf('01a1fdae-bab7-75aa-9b14-fc707aeff402');
const span: Span = {
  name: 'effect bank.pay',
  kind: 'internal',
  context,
  parent: { ...context, spanId: '00f067aa0ba902b7' },
  startMs: 1_790_000_000_000.25,
  endMs: 1_790_000_000_002.75,
  attributes: { 'warren.step': 'pay', 'warren.attempt': 2 },
  links: [{ ...context, spanId: '00f067aa0ba902b8' }],
  error: { code: 'bank.away', message: 'nobody is there' },
};
const settings = { tracesRatio: 1, serviceName: 'warren-bank', release: 'r1' };

describe('the export of spans', () => {
  it('tells the receiver all that was recorded before the stop', async () => {
    const receiver = await OtlpReceiver.start();
    const tracing = otlpTracing({ ...settings, otlpEndpoint: `${receiver.url}/` }, createLogger(SILENT, 'bank'));
    for (let count = 0; count < 1500; count++) tracing.record(span);
    await tracing.stop();
    await receiver.close();
    expect(receiver.spans.length).to.equal(1500);
    expect(receiver.spans[0]).to.deep.equal({
      service: 'warren-bank',
      name: 'effect bank.pay',
      kind: 1,
      ...context,
      parentSpanId: '00f067aa0ba902b7',
      links: [{ traceId: context.traceId, spanId: '00f067aa0ba902b8' }],
      attributes: { 'warren.step': 'pay', 'warren.attempt': 2, 'error.type': 'bank.away' },
      failed: true,
      took: 2.5,
    });
  });

  it('warns once of a receiver that takes none, and never fails the work', async () => {
    const receiver = await startScriptedHttp();
    receiver.answer([400], [400], [400], [400]);
    const log = createLogger(SILENT, 'bank');
    const warned: unknown[] = [];
    log.warn = (fields: unknown) => void warned.push(fields);
    const tracing = otlpTracing({ ...settings, otlpEndpoint: receiver.url }, log);
    for (let count = 0; count < 1500; count++) tracing.record(span);
    await until('it has tried', () => receiver.asked.length > 1);
    await tracing.stop();
    tracing.record(span);
    await receiver.close();
    expect(warned.length).to.equal(1);
    expect(warned[0]).to.include({ spans: 512 });
  });
});

const SILENT = { logLevel: 'silent', logFormat: 'json' } as const;
