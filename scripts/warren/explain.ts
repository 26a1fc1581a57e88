/** `warren explain <order>`: where it stands, what it waits for, and what would unblock it. */
import type { Command } from 'commander';
import type { ExplanationAnswer } from '../../api/operators/explanation/explanation-route.js';
import { tableLines } from '../table.js';
import { addCommand, firstOf, type Running } from './command.js';
import { ago, when } from './lines.js';

export function explainCommand(parent: Command, running: Running): void {
  addCommand(
    parent,
    running,
    'explain <order>',
    'where an order stands, what it waits for, and what would unblock it',
    async ({ api, args }) => {
      const explanation = await api.get<ExplanationAnswer>(`/orders/${encodeURIComponent(firstOf(args))}/explanation`);
      return { json: explanation, lines: explanationLines(explanation, new Date()) };
    },
  );
}

function explanationLines(explanation: ExplanationAnswer, now: Date): string[] {
  const { orderId, stands, since, done, waits, nextDeadline, deadLetters, trace } = explanation;
  return [
    `order ${orderId}`,
    `${stands}; last heard of ${ago(since, now)} ago`,
    ...(trace.url === null
      ? []
      : [`trace ${trace.url}${trace.sampled ? '' : ' (not among the orders that are traced)'}`]),
    ...(done ? ['it is done: nothing is waited for'] : []),
    ...waits.flatMap(({ kind, since, says, unblock: { says: remedy, command } }) => [
      '',
      `✗ ${says}`,
      `  ${kind}, since ${when(since)} (${ago(since, now)})`,
      `  → ${remedy}${command === undefined ? '' : `: ${command}`}`,
    ]),
    ...(nextDeadline === null ? [] : ['', `deadline ${when(nextDeadline.dueAt)}: ${nextDeadline.follows}`]),
    ...(deadLetters.length === 0
      ? []
      : [
          '',
          ...tableLines([
            ['LETTER', 'STATUS', 'ACTOR', 'CODE', 'ATTEMPTS', 'LAST'],
            ...deadLetters.map(({ id, status, actor, code, attempts, lastAt }) => [
              id,
              status,
              actor,
              code,
              String(attempts),
              when(lastAt),
            ]),
          ]),
        ]),
  ];
}
