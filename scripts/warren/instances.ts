/** `warren instances`: the processes of the fleet, and how each does. */
import type { Command } from 'commander';
import type { InstanceView } from '../../api/operators/instances/instances-route.js';
import { tableLines } from '../table.js';
import { addCommand, type Running } from './command.js';
import type { Json } from './json.js';
import { ago, duration } from './lines.js';

export function instancesCommand(parent: Command, running: Running): void {
  addCommand(parent, running, 'instances', 'the processes of the fleet, and how each does', async ({ api }) => {
    const { items } = await api.get<{ items: readonly Json<InstanceView>[] }>('/instances');
    return { json: items, lines: items.length === 0 ? ['no process has noted itself'] : lines(items, new Date()) };
  });
}

/** A line for each actor of a process. */
function lines(instances: readonly Json<InstanceView>[], now: Date): string[] {
  const rows = instances.flatMap(
    ({ kind, host, pid, release, startedAt, seenAt, silentMs, gone, loopDelayMs, actors }) => {
      const up = ago(startedAt, gone ? new Date(seenAt) : now);
      const seen = gone ? `gone ${duration(silentMs)}` : duration(silentMs);
      const process = [kind, host, String(pid), release, up, seen, `${Math.round(loopDelayMs)} ms`];
      const each = actors.map(({ actor, inFlight, handled, perSecond }) => [
        actor,
        String(inFlight),
        String(handled),
        String(perSecond),
      ]);
      return (each.length === 0 ? [['', '', '', '']] : each).map((load, index) => [
        ...(index === 0 ? process : process.map(() => '')),
        ...load,
      ]);
    },
  );
  const head = [
    'RUNS',
    'HOST',
    'PID',
    'RELEASE',
    'UP',
    'SEEN',
    'LOOP P99',
    'ACTOR',
    'IN FLIGHT',
    'HANDLED',
    'A SECOND',
  ];
  return tableLines([head, ...rows]);
}
