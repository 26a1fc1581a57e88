/** `warren status`: whether the fleet is well, and if not, why. */
import type { Command } from 'commander';
import type { FleetStatus } from '../../api/operators/status/status.js';
import type { Verdict } from '../../api/operators/status/verdict.js';
import { tableLines } from '../table.js';
import { addCommand, type Running } from './command.js';
import type { Json } from './json.js';
import { ago, duration } from './lines.js';

type Status = Json<FleetStatus & Verdict>;

export function statusCommand(parent: Command, running: Running): void {
  addCommand(parent, running, 'status', 'whether the fleet is well, and if not, why', async ({ api }) => {
    const status = await api.get<Status>('/status');
    return { json: status, lines: statusLines(status, new Date()), well: status.well };
  });
}

function statusLines(status: Status, now: Date): string[] {
  const { well, reasons, actors, outbox, timers, deadLetters, retrying, orders } = status;
  const counts = Object.entries(orders.byStatus).map(([name, count]) => `${count} ${name}`);
  const { oldestUnfinished: oldest } = orders;
  return [
    well ? 'the fleet is well' : 'the fleet is not well',
    ...reasons.flatMap(({ code, says, remedy }) => [`✗ ${code}: ${says}`, `  → ${remedy}`]),
    '',
    ...tableLines([
      ['ACTOR', 'READY', 'CONSUMERS', 'OLDEST', 'OPEN', 'HELD', 'REDRIVING'],
      ...actors.map(({ actor, ready, consumers, oldestWaitingMs, deadLetters: { open, held, redriving } }) => [
        actor,
        ready === null ? '?' : String(ready),
        consumers === null ? '?' : String(consumers),
        oldestWaitingMs === null ? '' : duration(oldestWaitingMs),
        ...[open, held, redriving].map(String),
      ]),
    ]),
    '',
    `outbox        ${outbox.depth} messages${outbox.depth === 0 ? '' : `, the oldest ${duration(outbox.oldestMs)}`}`,
    `timers        ${timers.scheduled} set, ${timers.overdue} overdue`,
    `retry ladder  ${retrying} messages`,
    `dead letters  ${deadLetters.open} open, ${deadLetters.held} held, ${deadLetters.redriving} being redriven`,
    `orders        ${counts.length === 0 ? 'none' : `${counts.join(', ')}, of the newest ${orders.lookedAt}`}`,
    ...(oldest === null
      ? []
      : [`unfinished    the oldest is ${oldest.id}, ${oldest.status}, placed ${ago(oldest.placedAt, now)} ago`]),
  ];
}
