/** What is said of orders that went through HTTP until they were shipped. */
import type { EndToEnd } from './end-to-end-measure.js';
import { megabytes } from './process-cost.js';
import type { Figure } from './scenario.js';

const SANDBOX = ['provider', 'mail-sink'];
const SERVERS = ['postgres', 'rabbitmq', 'redis'];

/** @param of whose they are, in their keys and titles, where there are several */
export function endToEndFigures(measured: EndToEnd, workers: readonly string[], of?: { name: string; title: string }) {
  const { windowMs, acceptedMs, shippedMs, costs, shipped, peakBytes } = measured;
  const figure = (key: string, title: string, value: number, unit: string): Figure => ({
    key: of ? `${of.name}.${key}` : key,
    title: of ? `${of.title}: ${title}` : title,
    value,
    unit,
  });
  const ms = (key: string, title: string, value: number): Figure => figure(key, title, value, 'ms');
  const cpu = (key: string, title: string, parts: readonly string[]): Figure => {
    const seconds = parts.reduce((sum, part) => sum + (costs.parts.get(part) ?? 0), 0);
    const measurable = !Number.isNaN(costs.machine);
    return figure(
      `cpuMsPerOrder.${key}`,
      `CPU, ${title}`,
      measurable ? (seconds * 1000) / shipped : Number.NaN,
      'ms/order',
    );
  };
  const ours = ['web', ...workers];
  const peaks = ours.map((name) => peakBytes.get(name) ?? Number.NaN);
  return [
    figure('shippedPerSecond', 'through HTTP to SHIPPED', (shipped * 1000) / windowMs, 'orders/s'),
    ms('shippedP50Ms', 'placed → shipped, p50', shippedMs.p50),
    ms('shippedP95Ms', 'placed → shipped, p95', shippedMs.p95),
    ms('shippedP99Ms', 'placed → shipped, p99', shippedMs.p99),
    ms('acceptedP50Ms', 'POST → 202, p50', acceptedMs.p50),
    ms('acceptedP99Ms', 'POST → 202, p99', acceptedMs.p99),
    cpu('all', 'all parts', [...costs.parts.keys()]),
    cpu('workers', 'the workers together', workers),
    cpu('web', 'web', ['web']),
    ...SERVERS.map((server) => cpu(server, server, [server])),
    cpu('sandbox', 'sandbox', SANDBOX),
    cpu('bench', 'bench', ['bench']),
    figure('peakMemoryMB.largest', 'peak memory, the largest process', megabytes(Math.max(...peaks)), 'MB resident'),
    figure(
      'peakMemoryMB.all',
      'peak memory, all processes',
      megabytes(peaks.reduce((sum, bytes) => sum + bytes, 0)),
      'MB resident',
    ),
  ];
}
